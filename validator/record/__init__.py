"""What a seed says of itself: where each value stands, what completes it, what is body and what is residue."""
