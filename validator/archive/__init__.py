"""An archive on disk: its configuration, its files, git, worker processes."""
