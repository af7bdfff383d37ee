"""Judging one seed: views made, rules asked, findings collected, the verdict."""
