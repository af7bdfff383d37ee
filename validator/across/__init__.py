"""Seeds beside each other: what they have in common, in one run and with the whole archive; two captures of one article."""
