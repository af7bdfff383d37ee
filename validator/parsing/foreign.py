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
are texts. Compressed files are not unpacked. YAML and TOML files are not told from front matter.

`signatures.json` holds the signatures, from the specifications of the formats and the registry PRONOM of The National
Archives. The library `puremagic` 1.30 was tried first: it takes 390 µs for a text (this module 1 µs), and takes "BM is a
firm" for a bitmap and "From here on" for a mailbox. At most 64 KiB and the end of a file are looked at.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from validator.text.tables import table

_HEAD_BYTES = 65_536  # what is looked at of JSON, tables and UTF-16
_NEAR_BYTES = 4_096  # where a binary format shows its NULs
_GUARD_BYTES = 512  # where a binary format shows a control character

# Not TAB to CR, which texts have, not ESC, SHIFT OUT and SHIFT IN, which ISO-2022 encodings have, and not NEL of EBCDIC.
_CONTROL = re.compile(rb"[\x00-\x08\x10-\x14\x16-\x1a\x1c-\x1f]")
_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]{0,2000}")


@dataclass(frozen=True, slots=True)
class Foreign:
    """A format that is not a seed's: its name for people, without an article; a short id; and how to get the document.

    `hint` is a command to run next, or empty.
    """

    name: str
    kind: str
    hint: str = ""


class _Signature(NamedTuple):
    """How a format begins: one of `starts`, and the pattern from the first byte, if there is one."""

    starts: tuple[bytes, ...]
    pattern: str
    kind: str
    name: str

    def fits(self, data: bytes, start: int = 0) -> bool:
        return data.startswith(self.starts, start) and (
            not self.pattern or expression(self.pattern).match(data, start) is not None
        )


def _table(name: str) -> Any:
    return table("validator.parsing", "signatures.json")[name]


@cache
def expression(pattern: str, flags: int = re.DOTALL) -> re.Pattern[bytes]:
    """The compiled pattern, made when it is first needed. `(?&NAME)` in it is the fragment of that name in the table."""
    while (whole := re.sub(r"\(\?&(\w+)\)", lambda match: _table("fragments")[match[1]], pattern)) != pattern:
        pattern = whole
    return re.compile(pattern.encode("latin-1"), flags)


@cache
def _signatures(name: str) -> dict[int, list[_Signature]]:
    """The `binary` or the `textual` signatures by their first byte; the first that fits counts."""
    by_first: dict[int, list[_Signature]] = {}
    for row in (row for section in _table(name).values() for row in section):
        starts = tuple(start.encode("latin-1") for start in row["starts"])
        for first in {start[0] for start in starts}:
            signature = _Signature(starts, row.get("pattern", ""), row["kind"], row["name"])
            by_first.setdefault(first, []).append(signature)
    return by_first


def foreign_format(data: bytes) -> Foreign | None:
    """What these bytes are, if they are not a text that could be a seed. Never raises."""
    if not data:
        return None
    for signature in _signatures("binary").get(data[0], ()):
        if signature.fits(data) and _CONTROL.search(data, 0, _GUARD_BYTES):
            return _refined(signature, data)
    if data[0] == 0xFF and (found := _frames(data)):
        return found
    if data.find(b"\0", 0, _NEAR_BYTES) >= 0:
        return _with_nulls(data)
    return _text_format(data)


def _foreign(kind: str, name: str) -> Foreign:
    return Foreign(name, kind, _table("hints").get(kind, ""))


# --- formats that are made of others -----------------------------------------------------------------------------------


def ends(data: bytes) -> bytes:
    """The first and the last 64 KiB."""
    return data if len(data) <= 2 * _HEAD_BYTES else data[:_HEAD_BYTES] + data[-_HEAD_BYTES:]


def _inside(kind: str, data: bytes, codec: str = "latin-1", without: tuple[str, ...] = ()) -> Foreign | None:
    """The first format of the table's list for `kind` whose mark is in the bytes."""
    for mark, exact, name in _table("inside")[kind]:
        if exact not in without and mark.encode(codec) in data:
            return _foreign(exact, name)
    return None


def _refined(signature: _Signature, data: bytes) -> Foreign:
    """The same or a more exact name: ZIP, OLE2, RIFF and Matroska hold many formats."""
    found = None
    if signature.kind == "zip":
        names = ends(data)
        without = () if b"[Content_Types].xml" in names else ("docx", "xlsx", "pptx")
        found = _inside("zip", names, without=without)
        if found is None and b".npy" in names[:200]:
            found = _foreign("npz", "NumPy archive")
    elif signature.kind == "ole2":
        found = _inside("ole2", ends(data), "utf-16-le")
    elif signature.kind == "riff":
        found = _inside("riff", data[8:12])
    elif signature.kind == "matroska" and b"webm" in data[:64]:
        found = _foreign("webm", "WebM video")
    return found or _foreign(signature.kind, signature.name)


_LOW_RATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_FRAME_RATES = {  # of MPEG audio by version and layer: kbit/s
    (3, 3): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (3, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): _LOW_RATES,
    (2, 1): _LOW_RATES,
}
_SAMPLE_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def _frames(data: bytes) -> Foreign | None:
    """MP3 or AAC without a file header: only frames. The first tells where the next two begin."""
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
    bits = 1000 * _FRAME_RATES[max(version, 2), layer][rate]
    samples = _SAMPLE_RATES[version][sampling]
    if layer == 3:
        return (12 * bits // samples + padding) * 4
    return (72 if layer == 1 and version != 3 else 144) * bits // samples + padding


# --- with NULs near the start: formats with a signature elsewhere, UTF-16, binary data ---------------------------------

_NULLS = re.compile(rb"\0+")
_BOXES = re.compile(rb"\0...(?:moov|mdat|wide|free|skip|pnot)", re.DOTALL)


def _with_nulls(data: bytes) -> Foreign | None:
    found = _elsewhere(data)
    if found is not None:
        return found
    if text := _wide_text(data):
        found = _text_format(text)
    found = found or _text_format(data)
    if found is None and _is_binary(data[:_NEAR_BYTES]):
        return _foreign("binary", "binary data")
    return found


def _elsewhere(data: bytes) -> Foreign | None:
    """Formats whose signature is not at the first byte."""
    if data[4:8] == b"ftyp" and data[0] == 0:
        return _inside("ftyp", data[8:12]) or _foreign("mp4", "MP4 video")
    if _BOXES.match(data):
        return _foreign("mov", "QuickTime video")
    if _is_tar(data[:512]):
        return _foreign("tar", "tar archive")
    for at, signature, kind, name in _table("elsewhere"):
        if data.startswith(signature.encode("latin-1"), at):
            return _foreign(kind, name)
    if data[2:5] == b"-lh" and data[6:7] == b"-":
        return _foreign("lha", "LHA archive")
    if data[2:8] in (b"\r\n\0\0\0\0", b"\r\n\1\0\0\0", b"\r\n\3\0\0\0") and data[1] in (0x0C, 0x0D, 0x0E):
        return _foreign("python-bytecode", "Python bytecode")
    if data[-4:-1] == b"ORC" and data.startswith(b"ORC"):
        return _foreign("orc", "ORC file")
    if data.endswith(b"TRUEVISION-XFILE.\0"):
        return _foreign("tga", "TGA image")
    if len(data) >= 564 and data[0:564:188] == b"GGG" and data[3] & 0x30:
        return _foreign("mpeg-ts", "MPEG transport stream")
    return None


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
_UNUSUAL = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x9f\ud7b0-\uf8ff\ufffd-\uffff]")  # controls, surrogates, private use


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
    start = _START.match(data).end()  # type: ignore[union-attr]
    if start == len(data):
        return None
    first = data[start : start + 1]
    for signature in _signatures("textual").get(first[0], ()):
        if signature.fits(data, start):
            line = data[start : start + 200].split(b"\n", 1)[0]
            named = _inside("script", line) if signature.kind == "script" else None
            return named or _foreign(signature.kind, signature.name)
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

_DECLARATION = re.compile(rb"<\?xml\s+version\s*=\s*[\"']")
_DOCTYPE = r"(?i)<!doctype\s+([^\s>\[]{1,100})[^>\[]{0,2000}(?:\[.{0,20000}?\]\s*)?>"
_ROOT = r"<((?:[A-Za-z_][\w.-]{0,99}:)?([A-Za-z_][\w.-]{0,99}))([^>]{0,4000})"
_ATTRIBUTE = r"\s(?:xmlns(?::[\w.-]{1,100})?|version)\s*=\s*[\"']"
# Fragments of HTML are captured below an XML declaration too.
_HTML_ELEMENTS = frozenset(
    b"html head body title meta link base div span p a section article main header footer nav aside h1 h2 h3 h4 h5 h6 ul ol"
    b" li dl table tbody tr td img figure blockquote pre br hr form center font b i em strong style script noscript".split()
)


def _xml(data: bytes, start: int) -> Foreign | None:
    """An XML document that is not XHTML: by its first element, after declaration, comments and document type."""
    if data[start : start + 15].lower().startswith((b"<!doctype html", b"<html")):
        return None
    head = data[start : start + _HEAD_BYTES]
    is_declared = _DECLARATION.match(head) is not None
    at, doctype = _after_prolog(head)
    root = expression(_ROOT).match(head, at)
    if root is None:
        is_other = doctype not in (b"", b"html")
        return _foreign("xml", "XML document") if is_other or (is_declared and at == len(head)) else None
    name = root[2].lower()
    if name in _HTML_ELEMENTS or doctype == b"html":
        return None
    known = name.decode("ascii", "replace")
    if not is_declared and not doctype and not _is_known_alone(known, root, data):
        return None
    if known == "rdf" and b"purl.org/rss/" in head:
        known = "rss"
    return _foreign(*_table("xml").get(known, ("xml", "XML document")))


def _is_known_alone(known: str, root: re.Match[bytes], data: bytes) -> bool:
    """Whether an element without an XML declaration is a document of its own, and not inside Markdown or HTML."""
    closing = b"</" + root[1] + b">"
    if not expression(_ATTRIBUTE).search(root[3]):
        return False
    is_last = _end(data).endswith(closing)
    if known == "svg":
        return is_last and data.count(closing) == 1
    return known in _table("xml") and known != "stylesheet" and (is_last or closing not in data)


def _after_prolog(head: bytes) -> tuple[int, bytes]:
    """Where the first element of an XML document is, and the name of its document type in small letters, or nothing."""
    at, doctype = 0, b""
    while at < len(head):
        if head[at] in b" \t\r\n":
            at += 1
        elif head.startswith(b"<!--", at):
            at = _after(head, b"-->", at)
        elif head.startswith(b"<?", at):
            at = _after(head, b"?>", at)
        elif found := expression(_DOCTYPE).match(head, at):
            at, doctype = found.end(), found[1].lower()
        else:
            break
    return at, doctype


def _after(head: bytes, end: bytes, at: int) -> int:
    found = head.find(end, at)
    return len(head) if found < 0 else found + len(end)


# --- JSON --------------------------------------------------------------------------------------------------------------

_JSON_BEGINS = (
    r"(?:\[(?&SPACE)){0,50}+(?:\{(?&SPACE)(?:(?&STRING)(?&SPACE):|\})|(?<=[\[\s])(?:\]|(?&SCALAR)(?&SPACE)[,\]]))"
)
_JSON_TOKENS = (
    r"(?:(?&SPACE)(?:\{(?=(?&SPACE)(?:[\"}]|\Z))|[\[,:]|(?:[\]}]|(?&SCALAR))(?=(?&SPACE)(?:[\]},:\[{]|\Z))))*+(?&SPACE)"
)
_JSON_CUT = r'(?:"[^"\\\x00-\x1f]*+(?:\\.?[^"\\\x00-\x1f]*+)*+|[\w.+-]{1,30})?\Z'
_JSON_MARKS = r"(?&STRING)|[\[\]{}]"
_NEXT_JSON = r"[ \t]*\r?\n\s*[\[{]"


def _json(data: bytes, start: int) -> Foreign | None:
    """JSON, also one value a line, also cut off. An object that is followed by text is front matter and not a JSON file."""
    head = data[start : start + _HEAD_BYTES]
    if not expression(_JSON_BEGINS, 0).match(head):
        return None
    end = expression(_JSON_TOKENS, 0).match(head).end()  # type: ignore[union-attr]
    is_json = end == len(head) or expression(_JSON_CUT, 0).match(head, end) is not None
    closed = _closed_at(head)
    if closed is None:
        # Never closed: JSON as far as it goes, or broken and still ending as JSON does.
        is_json = is_json or (head[:1] == b"{" and _end(data).endswith(b"}"))
    elif closed < len(head.rstrip()):
        is_json = is_json and expression(_NEXT_JSON, 0).match(head, closed) is not None
    elif len(head) == _HEAD_BYTES:
        is_json = not data[start + closed :].strip()
    if not is_json:
        return None
    is_notebook = b'"nbformat"' in head or b'"nbformat"' in _end(data)
    return _foreign("jupyter", "Jupyter notebook") if is_notebook else _foreign("json", "JSON file")


def _closed_at(head: bytes) -> int | None:
    """Where the first value of JSON ends, None if it does not. Brackets in strings do not count."""
    depth = 0
    for mark in expression(_JSON_MARKS, 0).finditer(head):
        if mark[0] in (b"[", b"{"):
            depth += 1
        elif mark[0] in (b"]", b"}"):
            depth -= 1
            if depth <= 0:
                return mark.end()
    return None


# --- mail --------------------------------------------------------------------------------------------------------------

_HEADERS = (
    r"(?:[A-Za-z][A-Za-z0-9-]{0,60}:(?:[ \t][^\r\n]{0,4000})?\r?\n(?:[ \t]+[^\s][^\r\n]{0,4000}\r?\n){0,200}+){2,200}+"
)
# What a mail program writes and no person does. Articles too begin with From, Date and Subject.
_OF_MAIL = (
    r"(?im)^(?:Message-ID|MIME-Version|Received|Return-Path|Delivered-To|DKIM-Signature|Content-Transfer-Encoding|In-Reply-To"
    r"|Content-Type: (?:multipart|message)/[^\r\n]{0,200}|X-Mailer|Newsgroups):"
)
_SENDER = r"(?im)^(?:From|To|Date|Sender|Subject|Path):"
_COLON = re.compile(rb"[A-Za-z][A-Za-z0-9-]{0,60}:")


def _mail(data: bytes, start: int) -> Foreign | None:
    """One message of mail or news, or a page that a browser saved as one (MHTML)."""
    if not _COLON.match(data, start):
        return None
    headers = expression(_HEADERS).match(data[start : start + _HEAD_BYTES])
    if headers is None or not all(expression(each).search(headers[0]) for each in (_OF_MAIL, _SENDER)):
        return None
    is_page = b"multipart/related" in headers[0] and (
        b"Snapshot-Content-Location" in headers[0] or b"Saved by" in headers[0]
    )
    return _foreign("mhtml", "saved web page (MHTML)") if is_page else _foreign("e-mail", "e-mail message")


# --- tables, style sheets, scripts -------------------------------------------------------------------------------------

_LINES = 200  # of a table that are compared
_QUOTED = re.compile(rb'"(?:[^"]|"")*+"')
_NUMBER = re.compile(rb"[-+]?[\d.,:/ %-]*\d[\d.,:/ %TZ+-]*\Z")


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


_STYLE = (
    r"(?&COMMENTS)(?:@(?:charset|import)\s[^;{}\n]{1,300};\s{0,9}){0,20}+(?&COMMENTS)(?:@media [^{}]{1,200}\{\s{0,9})?"
    r"[@.#*:]?[A-Za-z][^{}\n;\"]{0,300}\{\s{0,99}(?&PROPERTY)\s{0,9}:\s{0,9}[^;{}\n]{1,300}[;}\n]"
)
_JAVASCRIPT = (
    r"(?&COMMENTS)(?:[\"']use strict[\"'];?\s{0,99}[\n;(!vclf]"
    r"|[(!;]\s?\(?function\s{0,9}\w{0,60}\([\w$, ]{0,200}\)\s{0,9}\{|[(!;]\(\) ?=> ?\{"
    r"|(?:window|self|document)\.[\w.$]{1,80}\s{0,9}=\s{0,9}[\w\[{(|]"
    r"|(?:var|let|const) [\w$]{1,60}\s{0,9}=\s{0,9}(?:require\([\"']|function\b|\{|\[|document\.|window\.|\()"
    r"|import (?:[\w{}*, $]{1,200} from )?[\"'][^\"'\n]{1,200}[\"'];?\r?\n)"
)
_JAVASCRIPT_ENDS = r"(?m)(?:[;}]|[}\])]\)|\*/|^//#[^\n]{0,2000})\Z"
_ENDS_OF_CODE = b"});/ \t\r\n"


def _code(data: bytes, start: int) -> Foreign | None:
    """A style sheet or JavaScript, if the file begins and ends as one: what a page leaked is followed by its text."""
    if data[-1] not in _ENDS_OF_CODE:
        return None
    end = _end(data)
    if end.endswith((b"}", b"*/")) and expression(_STYLE).match(data, start):
        return _foreign("css", "CSS style sheet")
    if expression(_JAVASCRIPT).match(data, start) and expression(_JAVASCRIPT_ENDS).search(end):
        return _foreign("javascript", "JavaScript")
    return None
