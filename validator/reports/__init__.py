"""Reports on many seeds: `open_report` in `registry` opens one in a format of the folder `formats`."""
