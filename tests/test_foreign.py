"""Foreign formats are named from their bytes, whatever the file is called; no text that could be a seed is taken for one."""

from __future__ import annotations

import re
import time
from collections import Counter
from functools import cache
from typing import Any

import pytest
from foreign_files import made_files
from hypothesis import given
from hypothesis import strategies as st
from running import table

from validator.parsing.foreign import Foreign, foreign_format

CONTROLS = "".join(map(chr, (*range(0x09), *range(0x0E, 0x20), 0x7F)))


@cache
def files() -> list[tuple[str, bytes]]:
    return list(made_files())


def kind_of(data: bytes) -> str | None:
    found = foreign_format(data)
    return found.kind if found else None


# --- foreign ----------------------------------------------------------------------------------------------------------


def test_made_files_are_named() -> None:
    kinds, wrong = Counter[str](), Counter[tuple[str, str | None]]()
    for kind, data in files():
        kinds[kind] += 1
        if (found := kind_of(data)) != kind:
            wrong[kind, found] += 1
    assert not wrong
    assert kinds.total() >= 2000
    assert len(kinds) >= 100


def test_a_damaged_copy_of_a_made_file_is_still_foreign_or_a_text() -> None:
    """Cut to its first half, or with line ends converted: never an exception, and mostly the same name."""
    same = Counter[bool]()
    for kind, data in files():
        for damaged in (data[: len(data) // 2], data.replace(b"\r\n", b"\n"), data[:1] * 3 + data):
            same[kind_of(damaged) == kind] += 1
    assert same[True] > same[False]


def test_names_are_for_people() -> None:
    for data, expected in (
        (b"%PDF-1.7\nx", Foreign("PDF document", "pdf")),
        (b"#!/bin/sh\necho\n", Foreign("shell script", "script")),
        (b"#!/usr/bin/env python3\n", Foreign("Python script", "script")),
        (b'<rss version="2.0"><channel/></rss>', Foreign("RSS feed", "rss")),
        (b"SQLite format 3\0\x10\0", Foreign("SQLite database", "sqlite")),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
            Foreign("Git LFS pointer", "git-lfs", "git lfs pull"),
        ),
        (b"/annex/objects/SHA256E-s1--00.txt\n", Foreign("git-annex pointer", "git-annex", "git annex get")),
    ):
        assert foreign_format(data) == expected
    for kind, data in files():
        found = foreign_format(data)
        assert found is not None, kind
        assert not re.match(r"(?:a|an|the) |[a-z-]+$", found.name) or found.name in (
            "patch",
            "sitemap",
            "script",
            "shapefile",
        )


# --- texts ------------------------------------------------------------------------------------------------------------

TEXTS: dict[str, Any] = table("foreign", "texts")
ALPHABETS = {
    "zh": "港口星期一关闭，报道说。市长表示，新的码头将于明年开放。",
    "ja": "港は月曜日に閉鎖されたと新聞が報じた。カモメが多い。",
    "ko": "항구가 월요일에 폐쇄되었다고 신문이 보도했다.",
    "ru": "Гавань закрыта с понедельника, сообщила газета. ЯЯЯ ъьъ.",
    "el": "Το λιμάνι έκλεισε τη Δευτέρα, έγραψε η εφημερίδα.",
    "de": "ÿÿ Der Hafen ist geschlossen, sagte Frau Müßig. „Ja“, sagte sie – für Öl.",
    "th": "ท่าเรือปิดตั้งแต่วันจันทร์ หนังสือพิมพ์รายงาน",
    "hi": "बंदरगाह सोमवार से बंद है, अख़बार ने लिखा।",
    "he": "הנמל נסגר ביום שני, כתב העיתון.",
    "ar": "أغلق الميناء يوم الاثنين، كتبت الصحيفة.",
}
ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7"),
    *("gb18030", "gbk", "big5", "shift_jis", "euc_jp", "iso2022_jp", "euc_kr", "iso2022_kr", "hz", "koi8_r"),
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1255", "cp1256", "iso8859_1", "iso8859_5", "iso8859_7"),
    *("mac_roman", "cp437", "cp866", "cp874", "tis_620", "cp037"),
)  # fmt: skip


@pytest.mark.parametrize("what", list(TEXTS))
def test_a_text_is_no_foreign_format(what: str) -> None:
    text = TEXTS[what]
    for each in (text, "\n" + text, text * 3, text.replace("\n", "\r\n"), text + "More of it follows here.\n" * 300):
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"):
            assert foreign_format(each.encode(encoding)) is None, (each[:80], encoding)


@pytest.mark.parametrize("language", list(ALPHABETS))
def test_a_text_in_any_encoding_is_no_foreign_format(language: str) -> None:
    written = ALPHABETS[language]
    for encoding in ENCODINGS:
        for text in (written, written * 40, "\n\n" + "\n".join(written), written[::-1]):
            data = text.encode(encoding, "ignore")
            damaged = [data, data[: len(data) // 2], data[:40] + b"\0" * 5000, b"\0" * 5000 + data]
            if encoding.startswith("utf-"):
                damaged.append(data[:21] + b"\0\x01" + data[21:])
            for each in damaged:
                assert foreign_format(each) is None, (encoding, each[:60])


LEFT = (
    *(b"", b" \n\t\r\n ", b"\xef\xbb\xbf", b"\xff\xfe", b"\0" * 999, b"\0" * 99_999, bytes(range(256)) * 4),
    *(b"A text\0 with one.\n", b"A text.\n" + b"\0" * 4096, b"\0" * 4096 + b"The rest of it.\n"),
    *(b"\x07A\x08text\x0c\x1b[1m with some.\n", b"\x1b[31mred\x1b[0m \x1b[32mgreen\x1b[0m\n" * 9),
    *(b"\xff\xfeA\0 \0t", "A text stands here.\n".encode("utf-16-le"), b"one\0two\0three\0four\0" * 20),
)


def test_what_is_left_of_a_text_is_no_foreign_format() -> None:
    """What `decoding` and the rules speak of: nothing, NULs alone, random bytes, control characters in a text."""
    for data in LEFT:
        assert foreign_format(data) is None, data[:40]


@given(
    st.text(st.characters(exclude_characters=CONTROLS, exclude_categories=("Cs", "Co", "Cn", "Cc")), min_size=1),
    st.sampled_from(ENCODINGS[:8]),
)
def test_no_text_has_the_signature_of_a_binary_format(text: str, encoding: str) -> None:
    found = foreign_format(text.encode(encoding))
    assert found is None or found.kind in ("json", "symlink"), (text, found)


def beginnings() -> list[bytes]:
    return sorted({data[:length] for _, data in files() for length in (2, 3, 4, 6)})


BEGINNINGS = st.deferred(lambda: st.sampled_from(beginnings()))


@given(BEGINNINGS, st.text(st.sampled_from("abcxyzABC ,.;:'\"\n\t中文éß"), max_size=2000))
def test_no_text_is_foreign_by_its_first_letters(beginning: bytes, text: str) -> None:
    """Those of a format are not enough: a person may have written them."""
    data = bytes(byte for byte in beginning if byte >= 0x20) + b" " + text.encode()
    known = ("php", "rtf", "json") if b'":' in data else ("php", "rtf")  # nobody begins with "<?php ", `[{"a":`
    assert kind_of(data) in (None, *known), data


@given(st.binary(max_size=3000), st.just(b"") | BEGINNINGS)
def test_no_bytes_raise(data: bytes, beginning: bytes) -> None:
    foreign_format(beginning + data)


FILLINGS = (b"[", b'{"a":', b'"', b'"a",', b"\n", b"<!--", b"a,b,1\n", b"a: b\n", b"/*", b"\0", b"\1\0")


@pytest.mark.parametrize("filling", FILLINGS)
def test_sixteen_megabytes_of_anything_are_looked_at_briefly(filling: bytes) -> None:
    """By the processor's time, with fifty times what is needed."""
    data = filling * (16_000_000 // len(filling))
    beginnings = (b"", b'{"a":', b"<!DOCTYPE a [", b"a{color:", b"#!/", b'a,b,c\n"')
    begun = time.process_time()
    for beginning in beginnings:
        foreign_format(beginning + data)
    assert time.process_time() - begun < 5


def test_front_matter_in_json_is_told_from_json_by_text_far_below() -> None:
    for padding in (" ", " " * 70_000, "\n" * 70_000):
        assert kind_of(f'{{"title": "One"}}{padding}\n'.encode()) == "json"
        assert kind_of(f'{{"title": "One"}}{padding}\nText.\n'.encode()) is None


def test_deep_json_is_json() -> None:
    assert kind_of(b'{"a":' * 200_000) == kind_of(b"[[[[1," * 50_000) == "json"
    assert kind_of(b'{"a":' * 20_000 + b"1" + b"}" * 20_000) == "json"
