"""A source schema from seeds: what they share is found by aligning them, tried by the engine, and told in figures."""
