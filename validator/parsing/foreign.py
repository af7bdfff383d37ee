"""Foreign formats: files that are not seeds (a PDF, a mailbox, a picture), recognised by their content.

The name of a file does not matter: a PDF called `a.txt` is a PDF. Texts must be checked and foreign files must not, so a
format is named only where it is certain:

- The `binary` signatures count only beside a control character that no text has, in any encoding.
- Text formats (mail, feeds, JSON, scripts, patches) must show more than a first word: many articles begin with `From:` and
  `Date:`, `{"quoted"} words` is not JSON, and `[1, 2] See below` is a note.
- HTML, with or without an XML declaration, and front matter in any dialect are seeds. A file that holds one JSON object and
  no text after it is JSON.

NULs and control characters show unknown binary formats ("binary data"). Random bytes without them (an encrypted file) are
left to `decoding`, which refuses them. Texts with a few NULs, or padded with NULs after a crash, and UTF-16 without a mark
are texts. Compressed files are not unpacked. A YAML or TOML file counts as front matter.

`signatures.json` holds the signatures and patterns, from the specifications of the formats and the registry PRONOM of The
National Archives. Not the library `puremagic`: it takes "BM is a firm" for a bitmap, and 390 µs for a text (this module 1 µs).
At most 64 KiB and the end of a file are looked at.
"""

from __future__ import annotations

import codecs
import re
from functools import cache
from typing import Any, NamedTuple

from validator.text.patterns import late
from validator.text.tables import table

_HEAD_BYTES = 65_536  # what is looked at of JSON, tables and UTF-16
_NEAR_BYTES = 4_096  # where a binary format shows its NULs
_GUARD_BYTES = 512  # where a binary format shows a control character

# Not TAB to CR, which texts have, not ESC, SHIFT OUT and SHIFT IN, which ISO-2022 encodings have, and not NEL of EBCDIC.
_CONTROL = late(rb"[\x00-\x08\x10-\x14\x16-\x1a\x1c-\x1f]")
_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]{0,2000}")


class Foreign(NamedTuple):
    """A format that is not a seed's: its name for people, without an article; a short id; and how to get the document.

    `hint` is a command to run next, or empty.
    """

    name: str
    kind: str
    hint: str = ""


class _Signature(NamedTuple):
    """How a format begins: one of `starts` at an offset, and the pattern from the first byte, if there is one."""

    starts: tuple[bytes, ...]
    at: int
    pattern: str
    kind: str
    name: str

    def fits(self, data: bytes, start: int = 0) -> bool:
        return data.startswith(self.starts, start + self.at) and (
            not self.pattern or _expression(self.pattern).match(data, start) is not None
        )


def _table(name: str) -> Any:
    return table("validator.parsing", "signatures.json")[name]


@cache
def _expression(pattern: str) -> re.Pattern[bytes]:
    """The compiled pattern, made when it is first needed. `(?&NAME)` in it is the fragment of that name in the table."""
    while (whole := re.sub(r"\(\?&(\w+)\)", lambda match: _table("fragments")[match[1]], pattern)) != pattern:
        pattern = whole
    return re.compile(pattern.encode("latin-1"), re.DOTALL)


@cache
def _signatures(name: str) -> list[_Signature]:
    sections = _table(name)
    found = []
    for row in (row for section in sections.values() for row in section):
        starts = tuple(start.encode("latin-1") for start in row["starts"])
        found.append(_Signature(starts, row.get("at", 0), row.get("pattern", ""), row["kind"], row["name"]))
    return found


@cache
def _beginning_with(name: str, first: int) -> tuple[tuple[bytes, ...], list[_Signature]]:
    """The `binary` or the `textual` signatures with this first byte, and what they begin with; the first that fits counts."""
    found = [each for each in _signatures(name) if any(start[0] == first for start in each.starts)]
    return tuple(start for each in found for start in each.starts), found


def foreign_format(data: bytes) -> Foreign | None:
    """What these bytes are, if they are not a text that could be a seed. Never raises."""
    if not data:
        return None
    starts, signatures = _beginning_with("binary", data[0])
    for signature in signatures if data.startswith(starts) else ():
        if signature.fits(data) and _CONTROL.search(data, 0, _GUARD_BYTES):
            return _refined(signature, data)
    if data[0] == 0xFF and (found := _frames(data)):
        return found
    if data.find(b"\0", 0, _NEAR_BYTES) >= 0:
        return _with_nulls(data)
    return _text_format(data)


def _foreign(kind: str, name: str) -> Foreign:
    return Foreign(name, kind, _table("hints").get(kind, ""))


def _refined(signature: _Signature, data: bytes) -> Foreign:
    """The same or a more exact name: ZIP, OLE2, RIFF and others hold many formats."""
    ends = data if len(data) <= 2 * _HEAD_BYTES else data[:_HEAD_BYTES] + data[-_HEAD_BYTES:]
    for row in _table("inside").get(signature.kind, ()):
        part = ends[slice(*row.get("part", (0, None)))]
        if all(mark.encode(row.get("codec", "latin-1")) in part for mark in row["marks"]):
            return _foreign(row["kind"], row["name"])
    return _foreign(signature.kind, signature.name)


_SAMPLE_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def _frames(data: bytes) -> Foreign | None:
    """MP3 or AAC without a file header: only frames. The first says where the next two begin."""
    if len(data) < 4 or data[1] < 0xE0:
        return None
    is_aac = data[1] & 0xF6 == 0xF0
    at = 0
    for _ in range(3):
        head = data[at : at + 6]
        if len(head) < 6 or head[:2] != data[:2]:
            return None
        length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5 if is_aac else _frame_bytes(head)
        if length < 7:
            return None
        at += length
    return _foreign("aac", "AAC audio") if is_aac else _foreign("mp3", "MP3 audio")


def _frame_bytes(head: bytes) -> int:
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, sampling, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or not layer or not 0 < rate < 15 or sampling == 3:
        return 0
    bits: int = 1000 * _table("kbit/s of MPEG audio by version and layer")[f"{max(version, 2)} {layer}"][rate]
    samples = _SAMPLE_RATES[version][sampling]
    if layer == 3:
        return (12 * bits // samples + padding) * 4
    return (72 if layer == 1 and version != 3 else 144) * bits // samples + padding


# --- with NULs near the start: formats with a signature elsewhere, UTF-16, binary data ---------------------------------

_NULLS = late(rb"\0+")


def _with_nulls(data: bytes) -> Foreign | None:
    if _is_tar(data[:512]):
        return _foreign("tar", "tar archive")
    for signature in _signatures("elsewhere"):
        if signature.fits(data):
            return _refined(signature, data)
    found = _text_format(text) if (text := _wide_text(data)) else None
    found = found or _text_format(data)
    if found is None and _is_binary(data[:_NEAR_BYTES]):
        return _foreign("binary", "binary data")
    return found


def _is_tar(block: bytes) -> bool:
    """Whether a block of 512 bytes is the header of a member: by its checksum, which every kind of tar has."""
    digits = block[148:156].strip(b" \0")
    if len(block) < 512 or not 1 <= len(digits) <= 7 or digits.translate(None, b"01234567"):
        return False
    return int(digits, 8) == sum(block) - sum(block[148:156]) + 8 * 0x20


_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ZEROS = {  # which of the first bytes are NUL
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True): "utf-16-le",
    (True, False): "utf-16-be",
}
_UNUSUAL = late("[\x01-\x08\x0e-\x1f\x7f-\x9f\ud7b0-\uf8ff\ufffd-\uffff]")  # controls, surrogates, private use


def _wide_text(data: bytes) -> bytes:
    """The start and the end of UTF-16 or UTF-32 in UTF-8; nothing if the bytes are neither.

    Known by a byte-order mark, or by a first character of ASCII, with which all formats of text begin.
    """
    zeros = tuple(byte == 0 for byte in data[:4])
    codec = next((codec for mark, codec in _MARKS if data.startswith(mark)), _ZEROS.get(zeros) or _ZEROS.get(zeros[:2]))
    if codec is None:
        return b""
    try:
        text = codecs.getincrementaldecoder(codec)().decode(data[:_HEAD_BYTES])
        return text.encode("utf-8") + data[max(_HEAD_BYTES, len(data) - _NEAR_BYTES) :].replace(b"\0", b"")
    except UnicodeError:
        return b""


def _is_binary(sample: bytes) -> bool:
    """Whether there are more control characters and runs of NULs than in a damaged text, in UTF-16 and UTF-32 too.

    A run of NULs counts once: a crash leaves one, a format many. Random bytes have 9 controls in 100. Where there are
    only NULs, they belong to Latin letters in UTF-16.
    """
    rest = sample.replace(b"\0", b"")
    controls, runs = len(_CONTROL.findall(rest)), len(_NULLS.findall(sample))
    if controls < 8 or controls * 20 < len(rest) or (controls + runs) * 100 < 15 * (len(rest) + runs):
        return False
    if sample.startswith(tuple(mark for mark, _ in _MARKS)):
        return False
    return not any(_is_written(sample[at:].decode(codec, "replace")) for codec in _ZEROS.values() for at in (0, 1))


def _is_written(text: str) -> bool:
    """Whether 19 in 20 characters are letters or signs; of random numbers of 16 bits 17 in 20 are."""
    characters = len(text) - text.count("\0")
    return 20 * (len(_UNUSUAL.findall(text)) - 2) <= characters


# --- texts in a format of their own ------------------------------------------------------------------------------------


def _text_format(data: bytes) -> Foreign | None:
    """The format of a text in UTF-8 or another encoding that has the signs of ASCII, if it has one of its own."""
    if data.find(b"\r", 0, _HEAD_BYTES) >= 0 and b"\n" not in data:  # lines end as on a Macintosh of old
        data = data.replace(b"\r", b"\n")
    start = _START.match(data).end()  # type: ignore[union-attr]
    if start == len(data):
        return None
    first = data[start : start + 1]
    starts, signatures = _beginning_with("textual", first[0])
    for signature in signatures if data.startswith(starts, start) else ():
        if signature.fits(data, start):
            line = data[start : start + 200].split(b"\n", 1)[0]
            return _refined(signature, line)
    found = None
    if first == b"<":
        return _xml(data, start)
    if first in b"{[":
        found = _json(data, start)
    elif first.isalpha():
        found = _mail(data, start) or _code(data, start)
    elif first in b"@.#*:/(!;\"'":
        found = _code(data, start)
    return found or _csv(data, start)


def _end(data: bytes) -> bytes:
    return data[-_NEAR_BYTES:].rstrip()


# --- XML ---------------------------------------------------------------------------------------------------------------

_DECLARATION = late(rb"<\?xml\s+version\s*=\s*[\"']")


def _xml(data: bytes, start: int) -> Foreign | None:
    """An XML document that is not XHTML: by its first element, after declaration, comments and document type."""
    if data[start : start + 15].lower().startswith((b"<!doctype html", b"<html")):
        return None
    head = data[start : start + _HEAD_BYTES]
    is_declared = _DECLARATION.match(head) is not None
    prolog = _expression("(?&PROLOG)").match(head)
    assert prolog is not None
    at, doctype = prolog.end(), (prolog["doctype"] or b"").lower()
    root = _expression("(?&ROOT)").match(head, at)
    if root is None:
        is_other = doctype not in (b"", b"html")
        return _foreign("xml", "XML document") if is_other or (is_declared and at == len(head)) else None
    known = root[2].lower().decode("ascii", "replace")
    if known in _table("HTML elements") or doctype == b"html":
        return None
    if not is_declared and not doctype and not _is_known_alone(known, root, data):
        return None
    if known == "rdf" and b"purl.org/rss/" in head:
        known = "rss"
    return _foreign(*_table("xml").get(known, ("xml", "XML document")))


def _is_known_alone(known: str, root: re.Match[bytes], data: bytes) -> bool:
    """Whether an element without an XML declaration is a document of its own, and not inside Markdown or HTML."""
    closing = b"</" + root[1] + b">"
    if not _expression("(?&NAMESPACE)").search(root[3]):
        return False
    is_last = _end(data).endswith(closing)
    if known == "svg":
        return is_last and data.count(closing) == 1
    return known in _table("xml") and known != "stylesheet" and (is_last or closing not in data)


# --- JSON --------------------------------------------------------------------------------------------------------------


def _json(data: bytes, start: int) -> Foreign | None:
    """JSON, also one value a line, also cut off. An object that is followed by text is front matter and not a JSON file."""
    head = data[start : start + _HEAD_BYTES]
    if not _expression("(?&JSON_BEGINS)").match(head):
        return None
    end = _expression("(?&JSON_TOKENS)").match(head).end()  # type: ignore[union-attr]
    is_json = end == len(head) or _expression("(?&JSON_CUT)").match(head, end) is not None
    closed = _closed_at(head)
    if closed is None:
        # Never closed: JSON as far as it goes, or broken and still ending as JSON does.
        is_json = is_json or (head[:1] == b"{" and _end(data).endswith(b"}"))
    elif closed < len(head.rstrip()):
        is_json = is_json and _expression("(?&NEXT_JSON)").match(head, closed) is not None
    elif len(head) == _HEAD_BYTES:
        is_json = not data[start + closed :].strip()
    if not is_json:
        return None
    is_notebook = b'"nbformat"' in head or b'"nbformat"' in _end(data)
    return _foreign("jupyter", "Jupyter notebook") if is_notebook else _foreign("json", "JSON file")


def _closed_at(head: bytes) -> int | None:
    """Where the first value of JSON ends, None if it does not. Brackets in strings do not count."""
    depth = 0
    for mark in _expression("(?&JSON_MARKS)").finditer(head):
        if mark[0] in (b"[", b"{"):
            depth += 1
        elif mark[0] in (b"]", b"}"):
            depth -= 1
            if depth <= 0:
                return mark.end()
    return None


# --- mail --------------------------------------------------------------------------------------------------------------

_COLON = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,60}:")


def _mail(data: bytes, start: int) -> Foreign | None:
    """One message of mail or news, or a page that a browser saved as one (MHTML)."""
    if not _COLON.match(data, start):
        return None
    headers = _expression("(?&HEADERS)").match(data[start : start + _HEAD_BYTES])
    if headers is None or not all(_expression(each).search(headers[0]) for each in ("(?&OF_MAIL)", "(?&SENDER)")):
        return None
    is_page = b"multipart/related" in headers[0] and (
        b"Snapshot-Content-Location" in headers[0] or b"Saved by" in headers[0]
    )
    return _foreign("mhtml", "saved web page (MHTML)") if is_page else _foreign("e-mail", "e-mail message")


# --- tables, style sheets, scripts -------------------------------------------------------------------------------------

_LINES = 200  # of a table that are compared
_QUOTED = late(rb'"(?:[^"]|"")*+"')
_NUMBER = late(rb"[-+]?[\d.,:/ %-]*\d[\d.,:/ %TZ+-]*\Z")


def _csv(data: bytes, start: int) -> Foreign | None:
    """CSV or TSV, if that is certain: four lines or more with equally many fields, three or more, one column of numbers.

    A list or a verse with commas has no such column, and a table inside an article has text before or after it.
    """
    end = data.find(b"\n", start, start + 2000)
    if end < 0:
        return None
    for separator in (b",", b"\t", b";"):
        count = data.count(separator, start, end)
        if count < 2 or (separator != b"\t" and data.count(separator + b" ", start, end) * 2 >= count):
            continue
        after = data.find(b"\n", end + 1, end + 4000)
        if b'"' in data[start:after] or data.count(separator, end, after) == count:
            return _separated(data[start : start + _HEAD_BYTES], separator)
    return None


def _separated(head: bytes, separator: bytes) -> Foreign | None:
    whole = _QUOTED.sub(b"0", head) if b'"' in head else head
    lines = whole.replace(b"\r\n", b"\n").split(b"\n", _LINES)
    if len(lines) > _LINES or len(head) == _HEAD_BYTES:
        lines.pop()  # the rest, or a line that is cut
    while lines and not lines[-1].strip():
        lines.pop()
    rows = [line.split(separator) for line in lines]
    width = len(rows[0])
    if len(rows) < 4 or width < 3 or any(len(row) != width for row in rows):
        return None
    columns = zip(*rows[1:], strict=True)
    if not any(all(_NUMBER.match(value.strip()) for value in column) for column in columns):
        return None
    return _foreign("tsv", "TSV table") if separator == b"\t" else _foreign("csv", "CSV table")


_ENDS_OF_CODE = b"});/ \t\r\n"


def _code(data: bytes, start: int) -> Foreign | None:
    """A style sheet or JavaScript, if the file begins and ends as one: what a page leaked is followed by its text."""
    if data[-1] not in _ENDS_OF_CODE:
        return None
    end = _end(data)
    if end.endswith((b"}", b"*/")) and _expression("(?&STYLE)").match(data, start):
        return _foreign("css", "CSS style sheet")
    if _expression("(?&JAVASCRIPT)").match(data, start) and _expression("(?&JAVASCRIPT_ENDS)").search(end):
        return _foreign("javascript", "JavaScript")
    return None
