"""`validator review`: a local page on which a curator decides, seed after seed, what no repair may decide.

The page decides nothing and knows no file: it shows what `matters` and `desk` found, and tells `desk` what the curator decided.
"""
