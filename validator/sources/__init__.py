"""Source schemas: what a source is, how one is read from YAML, which one a seed is of."""
