"""What everything speaks in: places in a text, findings, errors, patterns, globs, letters of languages."""
