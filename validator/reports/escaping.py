"""Text of a seed made safe to print: nothing in it can forge a line, a terminal command or a CI command.

Escaped are control characters (C0, DEL, C1), line and paragraph separators, bidirectional controls and lone surrogates
(a file name whose bytes are not UTF-8), all in one notation: `\\u{1B}`. So is `##[`, which CI logs read as a command.
"""

from __future__ import annotations

import re

HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]|#(?=#\\w*\\[)"
)


def escaped(character: str) -> str:
    """A character as its code point in hexadecimal, such as `\\u{202E}`."""
    return f"\\u{{{ord(character):X}}}"


def escape(pattern: re.Pattern[str], text: str) -> str:
    """The text with every character that the pattern matches escaped."""
    return pattern.sub(lambda match: escaped(match[0]), text)


def printable(text: str) -> str:
    """The text on one line, with what is hostile in it escaped. Chinese, marks and joiners stay as they are."""
    return escape(HOSTILE, text)


def guarded(line: str) -> str:
    """A printable line that no CI reads as a command: `::` at its beginning is escaped."""
    return line.replace(":", escaped(":"), 1) if line.lstrip().startswith("::") else line
