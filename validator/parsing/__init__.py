"""From bytes to text and structure: encodings, formats, front matter, markup, dates, names."""
