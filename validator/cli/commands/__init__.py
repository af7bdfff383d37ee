"""The commands, one a module; `validator.cli.program` has how they are found."""
