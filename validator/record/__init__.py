"""What a seed says of itself: the place of each value, what completes it, body and residue."""
