"""What a seed says about itself: its values and their places, its sidecars, its body and its residue."""
