"""Files in formats that are no seeds, made with the standard library, with installed packages, and by hand from the
formats' specifications. Texts in them hold what repair changes in a seed: a quotation mark for an apostrophe, spaces at
line ends, no-break spaces, CRLF, no line end at the end.

`made_files` gives each as (kind that `foreign_format` must name, bytes): the same files in each run.
"""

from __future__ import annotations

# ruff: noqa: E501 - a format is a line
import base64
import binascii
import bz2
import csv
import gzip
import io
import json
import lzma
import marshal
import pickle
import plistlib
import random
import sqlite3
import struct
import tarfile
import wave
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from random import Random
from typing import Any, Concatenate, ParamSpec

EACH = 10  # files of each maker
Maker = Callable[[Random], bytes]
_P = ParamSpec("_P")
_WORDS = [
    "the",
    "harbour",
    'editor"s',
    "note",
    '"and"',
    "came",
    "late ",
    "was\xa0not",
    "read",
    "报道",
    "für",
    "Ørsted",
    'it"s',
    "at",
]


def maker(make: Callable[Concatenate[Random, _P], bytes]) -> Callable[_P, Maker]:
    """Of a function that makes a file: what makes a maker with the other arguments."""
    return lambda *arguments, **named: lambda source: make(source, *arguments, **named)


def sentence(source: Random) -> str:
    return " ".join(source.choices(_WORDS, k=source.randint(4, 30))) + source.choice([".", ".  ", ".\t", '."', "…"])


def text(source: Random, end: str = "\n") -> str:
    return end.join(sentence(source) for _ in range(source.randint(2, 20))) + source.choice(["", end, "  " + end])


def word(source: Random) -> str:
    return "".join(source.choices("abcdefghijklmnopqrstuvwxyz", k=source.randint(3, 12)))


def noise(source: Random, least: int = 200, most: int = 2000) -> bytes:
    return source.randbytes(source.randint(least, most))


def u16(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}H", *numbers)


def u32(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


def b32(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)


# --- made by libraries -------------------------------------------------------------------------------------------------


@maker
def picture(source: Random, /, form: str, mode: str = "RGB", **options: Any) -> bytes:
    from PIL import Image

    size = (source.randint(16, 40), source.randint(16, 40))
    image = Image.frombytes("RGB", size, source.randbytes(size[0] * size[1] * 3)).convert(mode)
    output = io.BytesIO()
    image.save(output, form, **options)
    return output.getvalue()


@maker
def zipped(source: Random, *names: str, first: tuple[str, bytes] | None = None) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        if first:
            archive.writestr(*first)
        for name in names or (f"{word(source)}.txt", f"{word(source)}/{word(source)}.md"):
            method = source.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
            archive.writestr(name, text(source), compress_type=method)
    return output.getvalue()


@maker
def tarred(source: Random, form: int, mode: str = "w") -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode=mode, format=form) as archive:  # type: ignore[call-overload]
        for _ in range(source.randint(1, 4)):
            content = text(source).encode()
            member = tarfile.TarInfo(f"{word(source)}/{word(source)}.txt")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return output.getvalue()


def old_tar(source: Random) -> bytes:
    """As Unix V7 wrote it: no `ustar`."""
    content = text(source).encode()
    head = f"{word(source)}.txt".encode().ljust(100, b"\0") + b"0000644\0" + b"0001750\0" * 2
    head += b"%011o\0" % len(content) + b"%011o\0" % source.randint(0, 2**31) + b" " * 8 + b"\0" * 356
    total = b"%06o\0 " % sum(head)
    return head[:148] + total + head[156:] + content.ljust(-(-len(content) // 512) * 512, b"\0") + b"\0" * 1024


@maker
def columns(source: Random, form: str) -> bytes:
    import pyarrow as pa
    import pyarrow.orc
    import pyarrow.parquet

    count = source.randint(1, 50)
    table = pa.table({"n": list(range(count)), "text": [sentence(source) for _ in range(count)]})
    output = io.BytesIO()
    if form == "parquet":
        pyarrow.parquet.write_table(table, output)
    elif form == "orc":
        pyarrow.orc.write_table(table, output)
    else:
        new = pa.ipc.new_file if form == "arrow" else pa.ipc.new_stream
        with new(output, table.schema) as writer:
            writer.write_table(table)
    return output.getvalue()


@maker
def packed(source: Random, codec: str) -> bytes:
    import pyarrow as pa

    output = pa.BufferOutputStream()
    with pa.CompressedOutputStream(output, codec) as stream:
        stream.write(text(source).encode() * source.randint(1, 20))
    return bytes(output.getvalue().to_pybytes())


@maker
def arrays(source: Random, form: str) -> bytes:
    import numpy

    output = io.BytesIO()
    values = numpy.frombuffer(source.randbytes(800), dtype=source.choice(["<i4", "<f8", "u1"]))
    if form == "npy":
        numpy.save(output, values)
    else:
        numpy.savez(output, values, other=values)
    return output.getvalue()


def database(source: Random) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"create table {word(source)}_t (id integer primary key, body text)".replace("_t", ""))
        (name,) = connection.execute("select name from sqlite_master").fetchone()
        connection.executemany(f"insert into {name} (body) values (?)", [(text(source),) for _ in range(5)])
        connection.commit()
        return connection.serialize()


def sql_dump(source: Random) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("create table seeds (id integer primary key, body text)")
        connection.executemany("insert into seeds (body) values (?)", [(sentence(source),) for _ in range(5)])
        return "\n".join(connection.iterdump()).encode()


def sound(source: Random) -> bytes:
    output = io.BytesIO()
    with wave.open(output, "wb") as writer:
        writer.setnchannels(source.choice([1, 2]))
        writer.setsampwidth(2)
        writer.setframerate(source.choice([8000, 44100]))
        writer.writeframes(source.randbytes(source.randint(50, 500) * 4))
    return output.getvalue()


def message(source: Random) -> bytes:
    made = EmailMessage()
    made["From"], made["To"] = f"A. Specimen <{word(source)}@example.org>", "b@example.org"
    made["Subject"] = sentence(source)[:60]
    made["Date"] = "Thu, 04 Mar 2021 10:10:00 +0800"
    made["Message-ID"] = f"<{word(source)}@example.org>"
    made.set_content(text(source))
    if source.random() < 0.5:
        made.add_attachment(noise(source), maintype="application", subtype="octet-stream", filename="a.bin")
    return made.as_bytes()


def received_message(source: Random) -> bytes:
    head = f"Return-Path: <{word(source)}@example.org>\r\nReceived: from {word(source)} by example.org;\r\n\tThu, 4 Mar 2021 10:10:00 +0800\r\n"
    return head.encode() + message(source).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def news_message(source: Random) -> bytes:
    return f"Path: news!{word(source)}\nFrom: a@example.org\nNewsgroups: misc.{word(source)}\nSubject: one\n\n{text(source)}".encode()


def mailbox_file(source: Random) -> bytes:
    starts = ["MAILER-DAEMON Thu Mar  4 10:10:00 2021", "a@example.org  Mon Jan 11 01:02:03 +0100 2021"]
    return b"\n".join(b"From " + source.choice(starts).encode() + b"\n" + message(source) for _ in range(3))


def saved_page(source: Random) -> bytes:
    made = MIMEMultipart("related")
    made["From"] = "<Saved by Blink>"
    made["Snapshot-Content-Location"] = f"https://example.org/{word(source)}"
    made["Subject"] = "one"
    made["Date"] = "Thu, 4 Mar 2021 10:10:00 -0000"
    made.attach(MIMEText(f"<html><p>{text(source)}</p></html>", "html"))
    return made.as_bytes()


@maker
def listed(source: Random, form: int) -> bytes:
    return plistlib.dumps({word(source): text(source), "n": source.randint(0, 99)}, fmt=plistlib.PlistFormat(form))


def value(source: Random, depth: int = 0) -> Any:
    kind = source.randint(0, 3 if depth > 3 else 5)
    if kind == 5:
        return {word(source): value(source, depth + 1) for _ in range(source.randint(1, 5))}
    if kind == 4:
        return [value(source, depth + 1) for _ in range(source.randint(0, 5))]
    return [sentence(source), source.randint(-9, 10**9), source.random(), None][kind]


@maker
def as_json(source: Random, /, **options: Any) -> bytes:
    content = {word(source): value(source) for _ in range(source.randint(1, 9))}
    return json.dumps(content, **options).encode() + source.choice([b"", b"\n", b"  \r\n"])


def json_list(source: Random) -> bytes:
    content = [value(source) for _ in range(source.randint(2, 9))]
    return json.dumps([{word(source): 1}, *content], ensure_ascii=False, indent=source.choice([None, 1, "\t"])).encode()


def json_lines(source: Random) -> bytes:
    lines = [json.dumps({"text": text(source), "n": number}) for number in range(source.randint(2, 60))]
    return source.choice(["\n", "\r\n"]).join(lines).encode()


def json_cut(source: Random) -> bytes:
    whole = json.dumps({"items": [{"text": sentence(source), "n": 1.5} for _ in range(9)]}).encode()
    return whole[: source.randint(30, len(whole) - 1)]


def json_large(source: Random) -> bytes:
    return json.dumps({"items": [{"text": text(source), "n": number} for number in range(120)]}).encode()


def json_wide(source: Random) -> bytes:
    made = json.dumps({"text": text(source)}, ensure_ascii=False)
    return made.encode(source.choice(["utf-16", "utf-16-le", "utf-8-sig"]))


def notebook(source: Random) -> bytes:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": [text(source)]}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode()


@maker
def table(source: Random, dialect: str, separator: str = ",") -> bytes:
    output = io.StringIO()
    writer = csv.writer(output, dialect, delimiter=separator)
    writer.writerow(["id", word(source), "title", "date"])
    for number in range(source.randint(4, 60)):
        title = sentence(source).replace("\t", " ") if separator == "," else word(source)
        writer.writerow([number, word(source), title, f"2021-03-{source.randint(10, 28)}"])
    return output.getvalue().encode()


def bytecode(source: Random) -> bytes:
    import importlib.util

    code = compile(f"{word(source)}x = {source.randint(0, 99)}", "a.py", "exec")
    dated = source.random() < 0.5
    flags = u32(0, source.randint(0, 2**31), 99) if dated else u32(source.choice([1, 3])) + source.randbytes(8)
    return importlib.util.MAGIC_NUMBER + flags + marshal.dumps(code)


@maker
def pickled(source: Random, protocol: int) -> bytes:
    content: Any = source.choice([{word(source): text(source)}, [text(source), 1], {"a": [1, 2.5, None]}])
    return pickle.dumps(content, protocol=protocol)


# --- texts made by hand ------------------------------------------------------------------------------------------------


@maker
def written(source: Random, *templates: str) -> bytes:
    """Texts of a template, in which TEXT, LINE, WORD, HEX and NUMBER are filled in at random; some with CRLF."""
    made = source.choice(templates)
    for name, fill in (
        ("TEXT", text), ("LINE", sentence), ("WORD", word), ("HEX", lambda s: s.randbytes(20).hex()),
        ("BASE64", lambda s: base64.b64encode(s.randbytes(48)).decode()), ("NUMBER", lambda s: str(s.randint(1, 9999))),
    ):  # fmt: skip
        while name in made:
            made = made.replace(name, fill(source), 1)
    if source.random() < 0.25 and "\r" not in made:
        made = made.replace("\n", "\r\n")
    return made.encode()


def wide(maker: Maker, *encodings: str) -> Maker:
    return lambda source: maker(source).decode().encode(source.choice(encodings))


XML = '<?xml version="1.0" encoding="utf-8"?>\n'
RSS = '<rss version="2.0"><channel><title>WORD</title><item><title>LINE</title><description>TEXT</description></item></channel></rss>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>WORD</title><entry><summary>LINE</summary></entry></feed>\n'
TEXTS: dict[str, tuple[str, ...]] = {
    "git-lfs": (
        "version https://git-lfs.github.com/spec/v1\noid sha256:HEXHEX\nsize NUMBER\n",
        "version https://hawser.github.com/spec/v1\noid sha256:HEX\nsize NUMBER\n",
    ),
    "git-annex": (
        "/annex/objects/SHA256E-sNUMBER--HEX.txt\n", "../.git/annex/objects/aa/bb/SHA256-sNUMBER--HEX/SHA256-sNUMBER--HEX",
        ".git/annex/objects/Xx/Yy/MD5E-sNUMBER--HEX.md/MD5E-sNUMBER--HEX.md",
    ),
    "dvc": ("outs:\n- md5: HEX\n  size: NUMBER\n  path: WORD.txt\n",),
    "symlink": ("../WORD/WORD.txt", "../../WORD.md", "./WORD", "XSym\n0012\nd41d8cd98f00b204e9800998ecf8427e\n../WORD.txt\n      "),
    "pdf": (
        "%PDF-1.4\r\n1 0 obj\r\n<< /Type /Catalog >>\r\nendobj\r\nstream\r\nTEXT\r\nendstream\r\n%%EOF\r\n",
        "%PDF-1.7\n%\u00e2\u00e3\n1 0 obj\n(LINE)\nendobj\nxref\n%%EOF", "%PDF-2.0 \nTEXT",
    ),
    "postscript": ("%!PS-Adobe-3.0 EPSF-3.0\n%%Title: LINE\n/Helvetica findfont\nshowpage\n", "%!\n72 72 moveto (LINE) show\n", "%!PS\nshowpage\n"),
    "type1": ("%!PS-AdobeFont-1.0: WORD 001.001\n%%Title: WORD\n11 dict begin\n",),
    "rtf": ("{\\rtf1\\ansi\\deff0 {\\fonttbl {\\f0 Times;}}\n TEXT}", "{\\rtf1 LINE\\par TEXT}"),
    "latex": (
        "\\documentclass[12pt]{article}\n\\begin{document}\nTEXT\n\\end{document}\n", "\\documentclass{WORD}\nTEXT",
        "% LINE\n%\n\\documentclass{article}\nTEXT", "\\documentstyle[a4]{report}\nTEXT", "\\begin{document}\nTEXT\n\\end{document}",
    ),
    "troff": ('.TH WORD 1 "March 2021"\n.SH NAME\nWORD \\- LINE\n', '.\\" LINE\n.\\" LINE\n.TH WORD 5\n.SH NAME\nTEXT', ".Dd March 4, 2021\n.Dt WORD 1\n"),
    "patch": (
        "diff --git a/WORD.md b/WORD.md\nindex 1234567..89abcde 100644\n--- a/WORD.md\n+++ b/WORD.md\n@@ -1,2 +1,2 @@\n-LINE\n+LINE\n",
        "--- WORD.txt\t2021-03-04 10:10:00\n+++ WORD.txt\t2021-03-05\n@@ -1 +1 @@\n-LINE\n+LINE\n",
        "*** WORD.txt\t2021\n--- WORD.txt\t2022\n***************\n*** 1,2 ****\n! LINE\n--- 1,2 ----\n! LINE\n",
        "From HEX Mon Sep 17 00:00:00 2001\nFrom: A. Specimen <a@example.org>\nSubject: [PATCH] LINE\n\n---\n a | 2 +-\n",
        "Index: WORD.txt\n===================================================================\n--- WORD.txt\n+++ WORD.txt\n",
        "# HG changeset patch\n# User WORD\n# Date NUMBER 0\nLINE\n", "3,4c3\n< LINE\n< LINE\n---\n> LINE\n", "12d11\n< LINE\n",
        "diff -r WORD/a WORD/b\n--- a\n+++ b\n", "diff --git a/x b/x\nnew file mode 100644\nindex 0000000..1\n",
    ),
    "warc": ("WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.org/WORD\r\nContent-Length: NUMBER\r\n\r\nHTTP/1.1 200 OK\r\n\r\nTEXT\r\n\r\n", "WARC/1.1\r\nWARC-Record-ID: <urn:uuid:HEX>\r\nWARC-Type: warcinfo\r\n\r\nTEXT"),
    "arc": ("filedesc://WORD.arc 0.0.0.0 20210304101010 text/plain 73\n1 0 WORD\nURL IP-address Archive-date Content-type Archive-length\n\nTEXT",),
    "cdx": (" CDX N b a m s k r M S V g\norg,example)/WORD 20210304101010 http://example.org/WORD text/html 200 HEX - - 1 2 a.warc.gz\n", 'org,example)/WORD 20210304101010 {"url": "https://example.org/WORD", "status": "200"}\n'),
    "http": ("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: NUMBER\r\n\r\n<html><p>TEXT</p></html>", "HTTP/2 301\nLocation: https://example.org/WORD\n\n"),
    "rss": (
        XML + RSS, RSS, "\ufeff" + XML + RSS, XML + '<?xml-stylesheet type="text/xsl" href="WORD.xsl"?>\n<!-- LINE -->\n' + RSS,
        "<!-- WORD -->\n" + RSS, "\n\n" + XML + RSS, '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//WORD//DTD" "WORD.dtd">\n' + RSS,
        XML + '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><item><title>LINE</title></item></rdf:RDF>',
    ),
    "atom": (XML + ATOM, ATOM, XML + '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>LINE</a:title></a:feed>'),
    "sitemap": (XML + '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://example.org/WORD</loc></url></urlset>', '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap/></sitemapindex>'),
    "opml": (XML + '<opml version="2.0"><head><title>LINE</title></head><body><outline text="LINE"/></body></opml>', '<opml version="1.0"><body/></opml>'),
    "svg": (
        XML + '<svg xmlns="http://www.w3.org/2000/svg" width="NUMBER"><text>LINE</text></svg>', '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>\n',
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "WORD.dtd">\n<svg><text>LINE</text></svg>',
    ),
    "kml": (XML + '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>LINE</name></Document></kml>',),
    "gpx": (XML + '<gpx version="1.1" creator="WORD"><trk><name>LINE</name></trk></gpx>', '<gpx version="1.1"><trk/></gpx>'),
    "tei": (XML + '<TEI xmlns="http://www.tei-c.org/ns/1.0"><text><body><p>LINE</p></body></text></TEI>',),
    "nitf": (XML + "<nitf><head><title>LINE</title></head><body><body.content><p>TEXT</p></body.content></body></nitf>", '<!DOCTYPE nitf SYSTEM "nitf.dtd">\n<nitf><body>TEXT</body></nitf>'),
    "newsml": (XML + '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="WORD"><contentSet>TEXT</contentSet></newsItem>', XML + "<NewsML><NewsItem>LINE</NewsItem></NewsML>"),
    "mediawiki": ('<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11"><page><title>LINE</title></page></mediawiki>',),
    "fb2": (XML + '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><body>TEXT</body></FictionBook>',),
    "xslt": (XML + '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>\n',),
    "rdf": (XML + '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description>LINE</rdf:Description></rdf:RDF>',),
    "xml": (
        XML + "<WORD><item>TEXT</item></WORD>", "<?xml version='1.0'?><!DOCTYPE WORD [<!ELEMENT WORD (#PCDATA)>]>\n<WORD>LINE</WORD>",
        XML + "<!-- LINE -->\n<n:WORD xmlns:n='urn:WORD'>TEXT</n:WORD>", "<!DOCTYPE lewis SYSTEM 'lewis.dtd'>\n<REUTERS><BODY>TEXT</BODY></REUTERS>",
    ),
    "php": ("<?php\necho 'LINE';\n?>\n<p>TEXT</p>", "<?php // LINE\n", "<?= $WORD ?>\n<p>LINE</p>"),
    "server-page": ('<%@ page contentType="text/html" %>\n<html>TEXT</html>', '<%@ Page Language="C#" %>\n<p>LINE</p>'),
    "url-shortcut": ("[InternetShortcut]\r\nURL=https://example.org/WORD\r\n",),
    "desktop-entry": ("[Desktop Entry]\nType=Application\nName=LINE\n",),
    "robots": ("User-agent: *\nDisallow: /WORD\n", "user-agent: WORD\nUser-agent: WORD\n# LINE\nAllow: /\n"),
    "script": (
        "#!/bin/sh\necho 'LINE'  \n", "#!/usr/bin/env python3\nprint('LINE')\n", "#! /usr/bin/perl -w\nprint 'LINE';\n", "#!/usr/bin/env node\n// LINE\n",
        "#!/bin/bash\nTEXT", "#!/usr/bin/env -S ruby -w\nputs 'LINE'\n",
    ),
    "batch": ("@echo off\r\nrem LINE\r\n", "@ECHO OFF\nrem TEXT"),
    "c-source": ('#include <stdio.h>\nint main(void) { puts("LINE"); }\n', '#include "WORD.h"\n/* LINE */\n'),
    "css": ("body { margin: 0; }\n.WORD { color: red; }\n", "/* LINE */\n@import url(WORD.css);\n.a, .b > p {\n  font-size: 12px;\n}\n", '@charset "utf-8";\n#WORD{display:none}', "@media print {\n  p { color: black; }\n}\n", ":root {\n  --WORD: 1px;\n}\n"),
    "javascript": (
        "'use strict';\nconst a = 'LINE';\n", "(function () {\n  var a = 'LINE';\n})();\n", "/* LINE */\n!function(a,b){return a}(1,2);", "var WORD = require('WORD');\nmodule.exports = WORD;\n",
        "// LINE\nwindow.WORD = window.WORD || [];\nwindow.WORD.push('LINE');\n", "import { WORD } from './WORD.js';\nWORD();\n", "(() => { 'LINE'; })();\n",
    ),
    "xpm": ('/* XPM */\nstatic char *WORD[] = {\n"1 1 1 1",\n"a c #000000",\n"a"};\n', "#define WORD_width 16\n#define WORD_height 16\nstatic char WORD_bits[] = { 0x00 };\n"),
    "pem": ("-----BEGIN CERTIFICATE-----\nBASE64\nBASE64\n-----END CERTIFICATE-----\n", "-----BEGIN RSA PRIVATE KEY-----\nBASE64\n", "-----BEGIN OPENSSH PRIVATE KEY-----\nBASE64\n"),
    "pgp": ("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nTEXT\n-----BEGIN PGP SIGNATURE-----\n\nBASE64\n-----END PGP SIGNATURE-----\n", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nBASE64\n", "-----BEGIN PGP MESSAGE-----\nBASE64"),
    "ssh-key": ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5BASE64 WORD@WORD\n", "---- BEGIN SSH2 PUBLIC KEY ----\nBASE64\n", "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n"),
    "age": ("age-encryption.org/v1\n-> X25519 BASE64\nBASE64\n---\n",),
    "yenc": ("=ybegin line=128 size=NUMBER name=WORD.bin\nTEXT\n=yend size=1\n",),
    "binhex": ('(This file must be converted with BinHex 4.0)\n\n:$f"TEXT:',),
    "icalendar": ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:LINE\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",),
    "vcard": ("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:LINE\r\nEND:VCARD\r\n",),
    "subrip": ("1\n00:00:01,000 --> 00:00:04,000\nLINE\n\n2\n00:00:05,000 --> 00:00:06,000\nLINE\n", "\ufeff1\r\n0:00:01.0 --> 0:00:02.0\r\nLINE\r\n"),
    "webvtt": ("WEBVTT\n\n00:01.000 --> 00:04.000\nLINE\n", "WEBVTT - LINE\nKind: captions\n\nNOTE LINE\n\n1\n00:00:01.000 --> 00:00:04.000 align:start\nTEXT"),
    "ass": ("[Script Info]\nTitle: LINE\n\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,LINE\n",),
    "microdvd": ("{0}{25}LINE\n{30}{60}LINE\n",),
    "lrc": ("[ti:LINE]\n[ar:WORD]\n[00:12.00]LINE\n",),
    "m3u": ("#EXTM3U\n#EXTINF:123,LINE\nhttps://example.org/WORD.mp3\n",),
    "pls": ("[playlist]\nFile1=https://example.org/WORD\nNumberOfEntries=1\n",),
    "bibtex": ("@article{WORD2021,\n  author = {A. Specimen},\n  title = {LINE},\n}\n", "@book {WORD:NUMBER, title=\"LINE\"}\n"),
    "ris": ("TY  - JOUR\nAU  - Specimen, A.\nTI  - LINE\nER  - \n",),
    "gettext-po": ('msgid ""\nmsgstr ""\n"Language: de\\n"\n\nmsgid "LINE"\nmsgstr "LINE"\n', '# LINE\n# WORD\nmsgid ""\nmsgstr ""\n', '#: WORD.c:12\nmsgid "a"\nmsgstr "b"\n'),
    "dxf": ("  0\nSECTION\n  2\nHEADER\n  9\n$ACADVER\n  1\nAC1015\n",),
    "stl": ("solid WORD\n  facet normal 0 0 1\n    outer loop\n",),
    "ply": ("ply\nformat ascii 1.0\ncomment LINE\nelement vertex NUMBER\nend_header\n", "ply\ncomment WORD\nformat binary_little_endian 1.0\n"),
    "bdf": ("STARTFONT 2.1\nCOMMENT LINE\nFONT WORD\n",),
    "hdr": ("#?RADIANCE\n# LINE\nFORMAT=32-bit_rle_rgbe\n\n-Y 8 +X 8\n",),
    "ldif": ("dn: cn=WORD,dc=example,dc=org\ncn: LINE\n", "version: 1\n\ndn: dc=example,dc=org\nobjectClass: top\n"),
    "sql": ("-- MySQL dump 10.13  Distrib 5.7\n--\n-- Host: WORD\nINSERT INTO a VALUES ('LINE');\n", "--\n-- PostgreSQL database dump\n--\n\nSET a = 0;\n"),
    "torrent": ("d8:announce27:https://example.org/announce4:infod6:lengthi1e4:name1:aee", "d13:creation datei1614852600e4:infod4:name1:aee"),
}  # fmt: skip


def uuencoded(source: Random) -> bytes:
    content = text(source).encode()
    lines = [binascii.b2a_uu(content[at : at + 45]) for at in range(0, len(content), 45)]
    return b"begin 644 " + word(source).encode() + b".txt\n" + b"".join(lines) + b"`\nend\n"


def fits(source: Random) -> bytes:
    cards = [
        "SIMPLE  =                    T",
        "BITPIX  =                    8",
        "NAXIS   =                    0",
        "END",
    ]
    return "".join(card.ljust(80) for card in cards).ljust(2880).encode() + source.randbytes(2880)


def plain_bitmap(source: Random) -> bytes:
    width = source.randint(2, 20)
    rows = "\n".join(" ".join(str(source.randint(0, 255)) for _ in range(width)) for _ in range(width))
    return f"P2\n# {word(source)}\n{width} {width}\n255\n{rows}\n".encode()


@maker
def archive(source: Random, member: bytes) -> bytes:
    content = text(source).encode()
    return b"!<arch>\n%-16b%-12b0     0     100644  %-10d`\n" % (member, b"0", len(content)) + content


def new_cpio(source: Random) -> bytes:
    name, content = word(source).encode() + b"\0", text(source).encode()
    fields = [source.randint(1, 999), 0o100644, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0]
    return b"070701" + b"".join(b"%08X" % field for field in fields) + name + content


def old_cpio(source: Random) -> bytes:
    content = text(source).encode()
    return b"070707%06o%b%06o%011ofile.txt\0" % (source.randint(0, 999), b"0" * 47, 9, len(content)) + content


# --- bytes made by hand ------------------------------------------------------------------------------------------------


def begins(*heads: bytes) -> Maker:
    """Files of which only the first bytes are as the format says; at random what follows."""
    return lambda source: source.choice(heads) + b"\0\x01\0" + noise(source)


@maker
def office_file(source: Random, *names: str) -> bytes:
    """A compound file (OLE2): header and one sector of its directory."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + u16(0x3E, 3, 0xFFFE, 9, 6).ljust(16, b"\0")
    head += u32(0, 0, 1, 0, 0, 4096)
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0") + u16(len(name) * 2 + 2) + b"\x02\x01" + source.randbytes(60)
        for name in ("Root Entry", *names)
    )
    return head.ljust(512, b"\xff") + entries.ljust(512, b"\0") + text(source).encode("utf-16-le")


@maker
def riff(source: Random, form: bytes, chunk: bytes) -> bytes:
    content = noise(source)
    return b"RIFF" + u32(len(content) + 12) + form + chunk + u32(len(content)) + content


@maker
def boxes(source: Random, brand: bytes) -> bytes:
    content = noise(source)
    head = b32(24) + b"ftyp" + brand + b32(source.randint(0, 512)) + brand + b"mp42"
    return head + b32(len(content) + 8) + b"mdat" + content


def old_movie(source: Random) -> bytes:
    content = noise(source)
    return b32(len(content) + 8) + source.choice([b"moov", b"mdat", b"wide", b"free"]) + content


def mp3_frames(source: Random) -> bytes:
    made = bytearray()
    for _ in range(source.randint(3, 8)):
        rate = source.choice([32, 64, 128, 192, 320])
        index = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320).index(rate) + 1
        made += bytes([0xFF, 0xFB, index << 4, 0x64]) + source.randbytes(144 * rate * 1000 // 44100 - 4)
    return bytes(made)


def aac_frames(source: Random) -> bytes:
    made = bytearray()
    for _ in range(source.randint(3, 8)):
        length = source.randint(100, 400)
        made += bytes(
            [0xFF, 0xF1, 0x50, 0x80 | length >> 11, length >> 3 & 0xFF, (length & 7) << 5 | 0x1F, 0xFC]
        ) + source.randbytes(length - 7)
    return bytes(made)


def packets(source: Random) -> bytes:
    return b"".join(
        b"\x47" + bytes([source.randint(0, 31), source.randint(0, 255), 0x10 | number]) + b"\0" + source.randbytes(183)
        for number in range(8)
    )


def matroska(form: bytes) -> Maker:
    head = b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82" + bytes([0x80 | len(form)])
    return lambda source: head + form + b"\0" + noise(source)


def program(source: Random) -> bytes:
    head = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff".ljust(60, b"\0") + u32(0x80)
    return head + noise(source).ljust(64)[:64] + b"PE\0\0" + noise(source)


def at_place(place: int, signature: bytes, head: bytes = b"") -> Maker:
    return lambda source: head.ljust(place, b"\0") + signature + noise(source)


def gzip_file(source: Random) -> bytes:
    return gzip.compress(text(source).encode(), mtime=source.randint(0, 2**31))


def transport_of(source: Random) -> bytes:
    length = source.randint(2, 90)
    header = json.dumps({"a": {"dtype": "F32", "shape": [length], "data_offsets": [0, 4 * length]}}).encode()
    return struct.pack("<Q", len(header)) + header + source.randbytes(4 * length)


def numbers(source: Random) -> bytes:
    """Small numbers in four bytes each: a format that nobody knows."""
    return u32(*(source.randint(0, 300) for _ in range(source.randint(100, 400))))


def records(source: Random) -> bytes:
    return b"".join(
        struct.pack("<HBBI8sd", source.randint(0, 99), 1, 2, source.randint(0, 9), word(source).encode()[:8], 1.5)
        for _ in range(source.randint(5, 99))
    )


def git_pack(source: Random) -> bytes:
    head = b"PACK" + b32(2, source.randint(1, 9)) + b"\x95\x0a"
    return head + zlib.compress(text(source).encode()) + source.randbytes(20)


def damaged_picture(source: Random) -> bytes:
    """A PNG file whose line ends were converted, or whose bytes were taken for text."""
    made = picture("PNG")(source)
    ways: tuple[Callable[[bytes], bytes], ...] = (
        lambda data: data.replace(b"\r\n", b"\n"), lambda data: data.decode("utf-8", "replace").encode(),
        lambda data: data.decode("latin-1").encode(),
    )  # fmt: skip
    return source.choice(ways)(made)


OFFICE = ("[Content_Types].xml", "_rels/.rels")
OASIS = b"application/vnd.oasis.opendocument."
MAKERS: tuple[tuple[str, Maker], ...] = (
    *((kind, written(*templates)) for kind, templates in TEXTS.items()),
    ("pdf", picture("PDF")), ("postscript", picture("EPS")), ("png", picture("PNG")), ("png", picture("PNG", "L")), ("png", damaged_picture),
    ("jpeg", picture("JPEG")), ("jpeg", picture("JPEG", progressive=True)), ("gif", picture("GIF", "P")), ("webp", picture("WEBP")),
    ("webp", picture("WEBP", lossless=True)), ("avif", picture("AVIF", speed=10)), ("tiff", picture("TIFF")), ("tiff", picture("TIFF", compression="tiff_lzw")),
    ("bmp", picture("BMP")), ("bmp", picture("BMP", "1")), ("ico", picture("ICO")), ("pcx", picture("PCX")), ("netpbm", picture("PPM")),
    ("netpbm", plain_bitmap), ("jpeg2000", picture("JPEG2000")), ("dds", picture("DDS")), ("icns", begins(b"icns\0\0\x10\0TOC \0\0\0\x10")), ("sgi", picture("SGI")),
    ("tga", picture("TGA")), ("xpm", picture("XBM", "1")), ("qoi", picture("QOI")),
    ("zip", zipped()), ("docx", zipped(*OFFICE, "word/document.xml")), ("xlsx", zipped(*OFFICE, "xl/workbook.xml")), ("pptx", zipped(*OFFICE, "ppt/presentation.xml")),
    ("epub", zipped("META-INF/container.xml", first=("mimetype", b"application/epub+zip"))),
    ("opendocument", zipped("content.xml", first=("mimetype", OASIS + b"text"))), ("opendocument", zipped("content.xml", first=("mimetype", OASIS + b"spreadsheet"))),
    ("jar", zipped("META-INF/MANIFEST.MF", "A.class")), ("apk", zipped("AndroidManifest.xml", "classes.dex", "META-INF/MANIFEST.MF")), ("kmz", zipped("doc.kml")),
    ("zip", lambda source: b"PK\x05\x06" + b"\0" * 18), ("zip", zipped("word/list.txt", "xl/a.txt")),
    ("gzip", gzip_file), ("bzip2", lambda source: bz2.compress(text(source).encode())), ("bzip2", lambda source: bz2.compress(b"")),
    ("xz", lambda source: lzma.compress(text(source).encode())), ("lzma", lambda source: lzma.compress(text(source).encode(), lzma.FORMAT_ALONE)),
    ("zstd", packed("zstd")), ("lz4", packed("lz4")), ("gzip", tarred(tarfile.GNU_FORMAT, "w:gz")),
    ("tar", tarred(tarfile.USTAR_FORMAT)), ("tar", tarred(tarfile.GNU_FORMAT)), ("tar", tarred(tarfile.PAX_FORMAT)), ("tar", old_tar),
    ("parquet", columns("parquet")), ("orc", columns("orc")), ("arrow", columns("arrow")), ("arrow-stream", columns("stream")), ("feather", begins(b"FEA1\0\0\0\0")),
    ("numpy", arrays("npy")), ("npz", arrays("npz")), ("sqlite", database), ("sql", sql_dump), ("wav", sound),
    ("e-mail", message), ("e-mail", received_message), ("e-mail", news_message), ("mbox", mailbox_file), ("mhtml", saved_page),
    ("plist", listed(1)), ("plist", listed(2)), ("json", as_json()), ("json", as_json(indent=2, ensure_ascii=False)), ("json", json_list), ("json", json_lines),
    ("json", json_cut), ("json", json_large), ("json", json_wide), ("jupyter", notebook), ("csv", table("excel")), ("csv", table("excel", ";")),
    ("csv", table("unix")), ("tsv", table("excel-tab", "\t")), ("python-bytecode", bytecode), ("pickle", pickled(0)), ("pickle", pickled(2)), ("pickle", pickled(4)), ("pickle", pickled(5)),
    ("uuencode", uuencoded), ("fits", fits), ("deb", archive(b"debian-binary")), ("ar", archive(b"a.o/")), ("cpio", new_cpio), ("cpio", old_cpio),
    ("rss", wide(written(XML + RSS), "utf-16", "utf-16-le", "utf-16-be", "utf-32")), ("subrip", wide(written(*TEXTS["subrip"]), "utf-16")),
    ("reg", wide(written("Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\WORD]\r\n\"a\"=\"LINE\"\r\n"), "utf-16", "utf-8")), ("reg", written("REGEDIT4\n\n[HKEY_CURRENT_USER\\WORD]\n")),
    ("ole2", office_file()), ("doc", office_file("WordDocument", "1Table")), ("xls", office_file("Workbook")), ("ppt", office_file("PowerPoint Document")),
    ("msg", office_file("__nameid_version1.0", "__substg1.0_0037001F")), ("thumbs-db", office_file("Catalog")),
    ("wordperfect", begins(b"\xffWPC\x10\0\0\0\x01\x0a")), ("ms-write", begins(b"1\xbe\0\0\0\xab")), ("lotus-123", begins(b"\0\0\x02\0\x06\x04\x06\0\x08\0")),
    ("access", begins(b"\0\x01\0\0Standard Jet DB\0", b"\0\x01\0\0Standard ACE DB\0")), ("pst", begins(b"!BDN\x01\x02\x03\x04SM\x17\0")), ("chm", begins(b"ITSF\x03\0\0\0`\0\0\0")),
    ("djvu", begins(b"AT&TFORM\0\0\x10\0DJVMDIRM", b"AT&TFORM\0\0\x10\0DJVUINFO")), ("7z", begins(b"7z\xbc\xaf\x27\x1c\0\x04")), ("rar", begins(b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\x01\0")),
    ("cab", begins(b"MSCF\0\0\0\0")), ("rpm", begins(b"\xed\xab\xee\xdb\x03\0")), ("lzip", begins(b"LZIP\x01\x0c")), ("compress", begins(b"\x1f\x9d\x90")), ("snappy", begins(b"\xff\x06\0\0sNaPpY")),
    ("squashfs", begins(b"hsqs" + b"\x02\0\0\0" * 6 + b"\x04\0\0\0")), ("qcow", begins(b"QFI\xfb\0\0\0\x03")), ("psd", begins(b"8BPS\0\x01\0\0\0\0\0\0\0\x03")), ("xcf", begins(b"gimp xcf file\0", b"gimp xcf v011\0")),
    ("cur", begins(b"\0\0\x02\0\x01\0\x20\x20\0\0\x01\0")), ("jxl", begins(b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ")), ("exr", begins(b"v/1\x01\x02\0\0\0")), ("wmf", begins(b"\xd7\xcd\xc6\x9a\0\0")),
    ("emf", at_place(40, b" EMF\0\0\1\0", b"\x01\0\0\0\x6c\0\0\0")), ("dwg", begins(b"AC1015\0", b"AC1032\0")), ("mng", begins(b"\x8aMNG\r\n\x1a\n")),
    ("heic", boxes(b"heic")), ("heic", boxes(b"mif1")), ("mp4", boxes(b"isom")), ("m4a", boxes(b"M4A ")), ("mov", boxes(b"qt  ")), ("mov", old_movie),
    ("mp3", begins(b"ID3\x03\0\0\0\0\x0f\x76TIT2", b"ID3\x04\0\x40\0\0\x01\x02")), ("mp3", mp3_frames), ("aac", aac_frames), ("flac", begins(b"fLaC\0\0\0\x22")), ("ogg", begins(b"OggS\0\x02")),
    ("aiff", begins(b"FORM\0\0\x10\0AIFFCOMM")), ("iff", begins(b"FORM\0\0\x10\0ILBMBMHD")), ("midi", begins(b"MThd\0\0\0\x06\0\x01\0\x02")), ("au", begins(b".snd\0\0\0\x18")), ("amr", begins(b"#!AMR\n<\x91")),
    ("asf", begins(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9")), ("matroska", matroska(b"matroska")), ("webm", matroska(b"webm")), ("flv", begins(b"FLV\x01\x05\0\0\0\x09")),
    ("swf", begins(b"FWS\x06\x10\x20\0\0", b"CWS\x0a\x10\x20\x02\0")), ("mpeg", begins(b"\0\0\x01\xba\x44")), ("mpeg-ts", packets), ("realmedia", begins(b".RMF\0\0\0\x12")), ("avi", riff(b"AVI ", b"LIST")),
    ("webp", riff(b"WEBP", b"VP8X")), ("sf2", riff(b"sfbk", b"LIST")), ("riff", riff(b"CDDA", b"fmt ")),
    ("ttf", begins(b"\0\x01\0\0\0\x0f\0\x80")), ("otf", begins(b"OTTO\0\x0b")), ("ttc", begins(b"ttcf\0\x01\0\0")), ("woff", begins(b"wOFF\0\x01\0\0", b"wOFFOTTO")), ("woff2", begins(b"wOF2\0\x01\0\0")),
    ("pfb", begins(b"\x80\x01\x10\x10\0\0%!PS-AdobeFont-1.0")), ("elf", begins(b"\x7fELF\x02\x01\x01\0")), ("exe", program), ("java-class", begins(b"\xca\xfe\xba\xbe\0\0\0\x34", b"\xca\xfe\xba\xbe\0\0\0\x41")),
    ("mach-o", begins(b"\xcf\xfa\xed\xfe\x07\0\0\x01", b"\xca\xfe\xba\xbe\0\0\0\x02")), ("wasm", begins(b"\0asm\x01\0\0\0")), ("llvm-bitcode", begins(b"BC\xc0\xde\x35\x14")), ("dex", begins(b"dex\n035\0")),
    ("lua-bytecode", begins(b"\x1bLuaS\0")), ("beam", begins(b"FOR1\0\0\x10\0BEAM")), ("avro", begins(b"Obj\x01\x04\x14avro.codec")), ("hdf5", begins(b"\x89HDF\r\n\x1a\n\0\0\0\0")), ("netcdf", begins(b"CDF\x01\0\0\0\x05", b"CDF\x02\xff\xff\xff\xff")),
    ("matlab", at_place(124, b"\0\x01IM", b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(116))), ("spss", begins(b"$FL2@(#) SPSS DATA FILE".ljust(64) + b"\x02\0\0\0")), ("rdata", begins(b"RDX3\nX\n\0\0\0\x03")),
    ("gdbm", begins(b"\xce\x9a\x57\x13\0\x10\0\0")), ("redis", begins(b"REDIS0009\xfa\x09redis-ver\x05")), ("gguf", begins(b"GGUF\x03\0\0\0")), ("grib", begins(b"GRIB\0\0\0\x02", b"GRIB\x01\x02\x03\x01")), ("bufr", begins(b"BUFR\x01\x02\x03\x04")),
    ("shapefile", begins(b"\0\0\x27\x0a" + b"\0" * 20 + b"\0\0\x10\0")), ("las", begins(b"LASF\0\0\x01\0" + b"\x11" * 16 + b"\x01\x04")), ("pmtiles", begins(b"PMTiles\x03")), ("blender", begins(b"BLENDER-v300REND", b"BLENDER_v279REND")), ("gltf", begins(b"glTF\x02\0\0\0")),
    ("fbx", begins(b"Kaydara FBX Binary  \0\x1a\0")), ("git-pack", git_pack), ("git-index", begins(b"DIRC\0\0\0\x02")), ("git-bundle", lambda source: b"# v2 git bundle\n" + source.randbytes(20).hex().encode() + b" HEAD\n\n" + git_pack(source)),
    ("lnk", begins(b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F")), ("ds-store", begins(b"\0\0\0\x01Bud1")), ("appledouble", begins(b"\0\x05\x16\x07\0\x02\0\0")), ("registry-hive", begins(b"regf" + b"\x07\0\0\0" * 4 + b"\x01\0\0\0")), ("evtx", begins(b"ElfFile\0")),
    ("minidump", begins(b"MDMP\x93\xa7")), ("pcap", begins(b"\xd4\xc3\xb2\xa1\x02\0\x04\0")), ("pcapng", begins(b"\n\r\r\n\x1c\0\0\0\x4d\x3c\x2b\x1a")), ("gettext-mo", begins(b"\xde\x12\x04\x95\0\0\0\0")), ("tzif", begins(b"TZif2" + b"\0" * 15)),
    ("dicom", at_place(128, b"DICM\x02\0\0\0UL")), ("mobi", at_place(60, b"BOOKMOBI\0\0", b"A_book_of_news\0")), ("iso", at_place(32769, b"CD001\x01\0")), ("icc", at_place(36, b"acspAPPL", b"\0\0\x02\x30lcms")), ("nifti", at_place(344, b"n+1\0", b"\x5c\x01\0\0")),
    ("ese", at_place(4, b"\xef\xcd\xab\x89\x20\x06\0\0", b"\x01\x02\x03\x04")), ("eot", at_place(34, b"LP\0", b"\x10\x20\0\0\x10\x10\0\0\x01\0\x02\0")), ("lha", begins(b"\x20\x10-lh5-\x10\x20\0\0")), ("safetensors", transport_of),
    ("binary", numbers), ("binary", records),
)  # fmt: skip


def made_files() -> Iterator[tuple[str, bytes]]:
    """Each file as (kind, bytes): `EACH` of each maker, the same in each run."""
    for number, (kind, maker) in enumerate(MAKERS):
        for each in range(EACH):
            yield kind, maker(random.Random(number * 1000 + each))
