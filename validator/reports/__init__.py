"""Reports on many seeds: `open_report` in `model` opens one in a format of the folder `formats`."""
