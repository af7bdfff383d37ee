"""Sidecars that are broken, alone, or say what the text does not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any

from benchmarks.defects.given import KEY_OF, TODAY, accepting, attesting, entry_of, sidecar_of, with_sidecar
from validator.defects.seeds import INJECTORS, WHOLE, Base, Injected, Span, injects, put
from validator.rules import RULES

BROKEN_SIDECARS: tuple[str | bytes, ...] = (
    "",
    "# nothing\n",
    "[]\n",
    "text\n",
    "recrod: {}\n",
    "source: [a]\n",
    "source: peoples-daily-pag\n",
    "record:\n  headline: text\n",
    "record: {headlin: {value: a, basis: b}}\n",
    "record: {headline: {value: a}}\n",
    "record: {headline: {basis: a}}\n",
    "record: {date_published: {value: 2021-02-30, basis: a}}\n",
    "record: {date_published: {value: March, basis: a}}\n",
    "record: {source_url: {value: example, basis: a}}\n",
    "record: {byline_kind: {value: nobody, basis: a}}\n",
    "record: {byline: {value: [], basis: a}}\n",
    "accept: {rule: mojibake}\n",
    "accept: [{rule: mojibake}]\n",
    "accept: [{rule: no-such-rule, reason: a}]\n",
    "accept: [{rule: mojibake, reason: a, until: soon}]\n",
    "source: a\nsource: b\n",
    "source: &a b\n",
    "source: *a\n",
    'source: "never closed\n',
    "record: {headline: [\n",
    "source: !tag a\n",
    b"source: \xff\xfe\n",
    "seeds: [{files: ['*'], source: plain-text}]\n",
    "a: " + "[" * 200 + "]" * 200 + "\n",
    "record: {headline: {value: a, basis: b, on: 2021-13-01}}\n",
    "\x01\n",
    "source: a\n---\nsource: b\n",
    "accept: [{rule: mojibake, reason: '', by: a}]\n",
)


@injects("sidecar-invalid")
def broken_sidecar(rng: Random, base: Base) -> Injected | None:
    """A sidecar that is not what a sidecar must be: the seed is judged as if there were none."""
    given = replace(base.given, sidecar=rng.choice(BROKEN_SIDECARS))
    return put(base, marks=WHOLE, given=given, reference=(base.text, replace(base.given, sidecar=None)))


@injects("sidecar-invalid")
def sidecar_mistyped(rng: Random, base: Base) -> Injected | None:
    """The base's own sidecar with one mistake in it."""
    if not isinstance(base.given.sidecar, str):
        return None
    good = base.given.sidecar
    wrong = rng.choice(
        (
            good.replace("record:", "recrod:", 1),
            good.replace("basis:", "bases:", 1),
            good.replace("value:", "values:", 1),
            good + "{\n",
            good + "record: {}\n",
            "\t" + good,
        )
    )
    if wrong == good or (wrong.count("bases:") and "basis:" not in good):
        return None
    several = wrong.count("bases:") + wrong.count("values:")  # an unknown key, and the one that is then missing
    given = replace(base.given, sidecar=wrong)
    return put(base, marks=WHOLE * (1 + several), given=given, reference=(base.text, replace(base.given, sidecar=None)))


@injects("sidecar-orphan")
def sidecar_alone(rng: Random, base: Base) -> Injected | None:
    """A sidecar beside which its seed does not stand: it was renamed, or is gone."""
    return put(
        base,
        marks=WHOLE,
        on_disk=rng.choice(("orphan beside the seed", "orphan in a folder of its own", "orphan after renaming")),
    )


@injects("sidecar-disagrees")
def sidecar_says_otherwise(rng: Random, base: Base) -> Injected | None:
    """A value attested against what the text states."""
    if base.source == "plain-text":
        return None
    stated: dict[str, Span] = {}
    for field, key in KEY_OF.items():
        entry = entry_of(base, key)
        if entry is not None:
            stated[field] = entry[1]
    if base.source == "chinanews-translated":
        stated["byline"] = Span(0, len("China News Service"))
    if base.source == "peoples-daily-page":
        name = re.search(r"^By ([^(\n]*[^(\n ])(?= *\()", base.text, re.MULTILINE)
        line = re.search(r"^\d\d:\d\d, [^\n]*$", base.text, re.MULTILINE)
        stated |= {"byline": Span(*name.span(1))} if name else {}
        stated |= {"date_published": Span(*line.span())} if line else {}
    if base.source == "mod-gov-cn":
        stated["headline"] = Span(0, base.text.index("\n"))
    values = {
        "headline": "Another headline",
        "byline": rng.choice(("B. Specimen", ["B. Specimen", "C. Specimen"])),
        "date_published": "1999-12-31",
        "source_url": "https://example.org/other",
    }
    if not stated:
        return None
    field = rng.choice(sorted(stated))
    given = attesting(base, **{field: values[field]})
    if rng.random() < 0.2:
        assert isinstance(given.sidecar, str)
        given = replace(
            given,
            sidecar=given.sidecar.replace("basis: put in", "replaces: what does not stand there\n    basis: put in"),
        )
    return put(base, marks=(stated[field],), given=given)


@injects("marked-wrong")
def marked_wrong(rng: Random, base: Base) -> Injected | None:
    """A curator has marked the seed as wrong, as it is or as it was."""
    letters = re.sub(r"[\W_]+", "", base.text) + rng.choice(("", "", "what it had besides"))
    mark = {"reason": "put in by a benchmark", "text": sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()}
    return put(base, marks=WHOLE, given=with_sidecar(base.given, {**sidecar_of(base), "wrong": mark}))


def _reasoned(rule: str, **said: Any) -> dict[str, Any]:
    return {"rule": rule, "reason": "put in by a benchmark", **said}


def _with_a_finding(rng: Random, base: Base) -> tuple[str, Injected] | None:
    """The base with a defect of another rule, which an acceptance can speak of."""
    rule = rng.choice(
        (
            "final-newline",
            "no-break-space",
            "invisible-character",
            "replacement-character",
            "control-character",
            "not-nfc",
            "byte-order-mark",
        )
    )
    injected = rng.choice(INJECTORS[rule])(rng, base)
    return (rule, injected) if injected is not None and injected.data is None else None


@injects("acceptance-lapsed")
def day_is_over(rng: Random, base: Base) -> Injected | None:
    """A finding, and an acceptance of it whose day is over."""
    made = _with_a_finding(rng, base)
    if made is None:
        return None
    rule, injected = made
    until = TODAY - timedelta(days=rng.choice((1, 30, 4000)))
    given = accepting(base, _reasoned(rule, until=until.isoformat()))
    return Injected(injected.text, WHOLE, given, reference=(injected.text, base.given))


@injects("acceptance-lapsed")
def passage_rewritten(rng: Random, base: Base) -> Injected | None:
    """A finding, and an acceptance of another passage that once stood there."""
    made = _with_a_finding(rng, base)
    if made is None or made[0] in ("final-newline", "byte-order-mark"):
        return None
    rule, injected = made
    digest = f"{rng.getrandbits(256):064x}"
    given = accepting(base, _reasoned(rule, finding=digest))
    return Injected(injected.text, WHOLE, given, reference=(injected.text, base.given))


@injects("acceptance-unused")
def nothing_to_accept(rng: Random, base: Base) -> Injected | None:
    """An acceptance of what the seed does not have."""
    rule = rng.choice(
        sorted(
            {name for name in INJECTORS if not RULES[name].is_of_archive}  # which speak of two seeds
            - {
                "acceptance-unused",
                "acceptance-lapsed",
                "no-break-space",
                "invisible-character",
                "body-missing",
                "headlines-disagree",
                "byline-impersonal",
                "trailing-whitespace",
                "blank-lines",
            }
        )
    )
    said = {"until": (TODAY + timedelta(days=rng.randrange(400))).isoformat()} if rng.random() < 0.5 else {}
    if rng.random() < 0.3:
        said["finding"] = f"{rng.getrandbits(256):064x}"
    return put(base, marks=WHOLE, given=accepting(base, _reasoned(rule, **said)))
