"""Repairing one seed: edits chosen, applied, checked again; decisions of a person."""
