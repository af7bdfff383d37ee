"""The commands, one module each. `validator.cli.program` finds them."""
