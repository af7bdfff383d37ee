"""The whole engine on hostile texts: eight times the length may take about eight times the time, whatever stands there."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from linearity import assert_linear
from running import table

import validator

MORE = 8
# Times as long for eight times the text; quadratic work takes 64 times. Marks are labelled once or twice, as their number is
# odd or even or whatever stands at the end would have it: that alone may double the time, and is no matter of length.
MOST = 24
LEAST_SECONDS = 0.02  # what is quicker says more of the machine than of the text
RUN = count()
LONGEST = 250_000  # code points; what takes less than LEAST_SECONDS even then has no time to be quadratic

FIELDS = "layout: post\ntitle: One\ndate: 2021-03-04T05:06:07.000Z\nauthor: A. Specimen\nfrom: https://example.org/a\n"

# What stands in a body, over and over: each is the beginning of something that may never end, or costs a finding.
PIECES: dict[str, Any] = table("linear", "pieces")


def repeated(piece: str) -> Callable[[int, str], str]:
    return lambda length, opening: f"{opening}x{piece * (length // len(piece))}y"


def fields(of_number: Callable[[int], str], end: str = "---\nText.\n") -> Callable[[int, str], str]:
    def make(length: int, opening: str) -> str:
        pieces, size = ["---\nlayout: post\n"], 0
        while size < length:
            pieces.append(of_number(len(pieces)))
            size += len(pieces[-1])
        return "".join((*pieces, end))

    return make


TEXTS: dict[str, Callable[[int, str], str]] = {
    **{name: repeated(piece) for name, piece in PIECES.items()},
    "long front matter": fields(lambda number: f"key{number}: a value\n"),
    "front matter in Chinese with CR LF": fields(lambda number: f"键{number}: 值\r\n"),
    "front matter that never closes": fields(lambda number: "a: b\n", end=""),
    "one key over and over": fields(lambda number: "a: b\n"),
    "a long list of tags": fields(lambda number: f"- tag {number}\n" if number > 1 else "tags:\n"),
    "a long block": fields(lambda number: "  a b\n" if number > 1 else "title: >\n"),
    "a long date": lambda length, opening: f'---\ntitle: One\ndate: "{"4. mars 2021 " * (length // 13)}"\n---\nText.\n',
    "a long headline": lambda length, opening: f'---\ntitle: "{"a b&quot;s " * (length // 11)}"\n---\nText.\n',
}


def seconds(text: str, source: str) -> float:
    """Processor time of one run, without the collector: neither other programs nor how many objects there are count.

    No text comes twice, as something may be remembered of it. The numbers at the ends are equally long: a text in which every
    second byte is NUL is read as UTF-16 only if the number of its bytes is even.
    """
    text = f"{text} {next(RUN):08}"
    gc.disable()
    try:
        begun = time.process_time()
        validator.validate(text, source=source)
        return time.process_time() - begun
    finally:
        gc.enable()


SOURCES = ("plain-text", "peoples-daily-page", "jekyll-post")
RUNS = [
    *((name, source) for name in TEXTS for source in SOURCES),
    # Only this source has residue that is elements, for which the text is parsed as browsers do.
    *((name, "zaobao-jekyll") for name, piece in PIECES.items() if piece.startswith("<")),
]


@pytest.mark.parametrize(("name", "source"), RUNS)
def test_time_grows_as_the_text_does(name: str, source: str) -> None:
    opening = f"---\n{FIELDS}---\n" if "jekyll" in source else ""
    make, length = TEXTS[name], 8_000
    while (short := seconds(make(length, opening), source)) < LEAST_SECONDS and length < LONGEST:
        length = min(LONGEST, int(length * max(2, min(16, 1.2 * LEAST_SECONDS / max(short, 0.001)))) // 16 * 16)
    long = seconds(make(MORE * length, opening), source)
    for _ in range(6):  # the best of several: a machine has other things to do
        if long < MOST * max(short, LEAST_SECONDS):
            return
        short = min(short, seconds(make(length, opening), source))
        long = min(long, seconds(make(MORE * length, opening), source))
    pytest.fail(f"{short:.3f} s for {length:,} code points, {long:.3f} s for {MORE} times as many")


# A repair checks several times, and carries out edits by the hundred thousand.
REPAIRED = (
    "no-break spaces", "quotation marks in prose", "mojibake in words", "mojibake of Cyrillic letters", "CR LF",
    "line ends of two kinds", "carriage returns", "blanks at the ends of lines", "blank lines", "controls",
    "references that were escaped twice", "a bit of everything", "front matter in Chinese with CR LF",
)  # fmt: skip


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("name", REPAIRED)
def test_time_of_a_repair_grows_as_the_text_does(name: str, unsafe: bool) -> None:
    make = TEXTS[name]
    assert_linear(
        lambda length: f"{make(length, '')} {next(RUN)}",
        lambda text: validator.repair(text, source="plain-text", unsafe=unsafe),
        size=8_000,
    )


# In an encoding the bytes of which are read in every other one.
OLD = {
    "cp1251": "Добрый день, дорогие читатели нашей газеты. ",
    "gb18030": "今天上午大家在那里交换了意见。\n",
    "cp1252": "The keeper’s café is “open”. ",
    "latin-1": "Le café était fermé à midi. ",
    "utf-16": "A line of text.\n",
}


@pytest.mark.parametrize("encoding", OLD)
def test_time_of_an_old_encoding_grows_as_the_text_does(encoding: str) -> None:
    def work(text: str) -> None:
        validator.repair(text.encode(encoding), source="plain-text", unsafe=True)

    assert_linear(lambda length: f"{OLD[encoding] * (length // len(OLD[encoding]))}{next(RUN)}\n", work, size=8_000)


def test_quadratic_work_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "seconds", lambda text, source: 1e-9 * len(text) ** 2)
    with pytest.raises(pytest.fail.Exception):
        test_time_grows_as_the_text_does("blanks", "plain-text")
    monkeypatch.setattr(sys.modules[__name__], "seconds", lambda text, source: 1e-5 * len(text) ** 1.2)
    test_time_grows_as_the_text_does("blanks", "plain-text")
