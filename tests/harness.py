"""Running one rule on one text, and what a case file or a line of a docstring says must come of it.

A case file is `tests/cases/<rule>.yaml`: two lists, `dirty` and `clean`, and sometimes a third, `inject`, with passages for
`benchmarks.passages`. What a case may hold:

    text: "…"                the seed, in UTF-8 or in the `encoding` named; or bytes_hex: "ff fe …", or bytes_base64: "…"
    policy: {markup: html}   what the source says of its texts, as in `validator.sources.model.Policy`
    options: {at_most: 2}    options of the rule
    verbatim: ["…"]          pieces of the text, in their order, that the view marks so; likewise residue and front_matter
    languages: [fr]          languages that the seed itself names
    masked: ["…"]            pieces that are not the article's: markup, code, addresses
    why: "…"                 what the case is for, where that is not plain
    source, path, sidecar, today, limit_bytes
                             with any of these, and for rules on other views than Raw, Text, Body and Quotations, the whole
                             engine runs and only what this rule found counts; a sidecar is its text
    unread: "…"              the seed could not be read for the reason given, as the rule says
    orphan: "…"              there is a sidecar, and no seed of this name
    rejected: {rule: guard}  a repair was tried that failed these guards; or only the names of the rules
    cycle: "…"               a repair was tried in which the fixes of these rules never came to an end
    beside: "…"              the text of another seed of the archive, a.md; or [here, there]: the same text with one for the other
    unstaged: "…"            the command that stages what is missing of a repair's record

and in a dirty one, of which at least one of the first three must be there:

    marks: ["…"]             the texts of the spans, in their order
    spans: [[0, 1]]          the spans, in their order
    count: 1                 how many findings there are
    fix: safe                applicability of each fix (safe, unsafe, display, none), or a list of them
    fixed: "…"               the text with every fix of the rule applied, whatever its applicability
    recode: utf-8            the encoding that each fix recodes to
    lift: {headline: "…"}    what the fixes put into the sidecar, by field
    severity: warning        where a source may set it
    message: "…"             what the first message holds
    related: ["…"]           the texts of the other places of the first finding

In a docstring, `Bad: …` must give a finding and `Good: …` none. What follows the colon is a text, to the end of the line, in
which \x20, \u00a0, \U0001f600, \n, \r, \t and \\ stand for characters; or, where it begins with b", a literal of bytes.
Brackets before the colon set the policy and what the engine is told: `Bad [markup=html, legacy=gbk+big5]: …`,
`Bad [path=one/a.txt, today=2021-03-04, sidecar=source: one]: …`; a sidecar comes last and may hold commas.
"""

from __future__ import annotations

import ast
import base64
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

import validator.rules
from validator.archive.config import Settings
from validator.archive.face import own_sources
from validator.engine.checking import orphan_sidecar, said_of_attempt, said_of_staging, unread_seed
from validator.engine.neighbours import Side, neighbours_of, said_of_neighbours
from validator.engine.seen import look
from validator.parsing.decoding import decode
from validator.parsing.markup import mask
from validator.record.sidecar_reading import read_sidecar
from validator.record.traits import Tie
from validator.rules.quotation_marks import quotations_of
from validator.rules.registry import RULES, Rule
from validator.rules.views import Attempt, Body, Found, Raw, Staging, Text, Unread
from validator.sources.identify import Claim
from validator.sources.model import Policy
from validator.text.findings import Fix, SeedReport, Severity
from validator.text.places import Normal, Span

CASES = Path(__file__).parent / "cases"
ENGINE_KEYS = frozenset({"source", "path", "sidecar", "today"})
# With these a rule is not run alone.
WHOLE_KEYS = ENGINE_KEYS | {"limit_bytes", "unread", "orphan", "rejected", "cycle", "unstaged", "beside"}
SAID_KEYS = {"marks", "spans", "count", "fix", "fixed", "recode", "lift", "severity", "message", "related"}
GIVEN_KEYS = {
    "text",
    "encoding",
    "bytes_hex",
    "bytes_base64",
    "policy",
    "options",
    "verbatim",
    "residue",
    "front_matter",
    "masked",
    "languages",
    "why",
}
POLICY_KEYS = frozenset(Policy.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule said, whether it ran alone or in the engine."""

    span: Span
    message: str
    fix: Fix | None
    severity: Severity
    related: tuple[Span, ...]


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by name."""
    for module in pkgutil.iter_modules(validator.rules.__path__):
        importlib.import_module(f"validator.rules.{module.name}")
    return tuple(RULES[name] for name in sorted(RULES))


def runs_alone(rule: Rule) -> bool:
    """Whether a rule needs no more than bytes or a text."""
    return rule.view in ("Raw", "Text", "Body", "Quotations")


def view_of(rule: Rule, seed: bytes | str, policy: Policy, case: Mapping[str, Any] | None = None) -> Any:
    """The view that a rule takes, of bytes or a text."""
    case = case or {}
    if rule.view == "Raw":
        data = seed.encode("utf-8", "surrogatepass") if isinstance(seed, str) else seed
        return Raw(data, decode(data), policy, tuple(case.get("languages", ())))
    text = decode(seed).text if isinstance(seed, bytes) else seed
    if rule.view in ("Body", "Quotations"):
        masked = _masked(text, policy.markup)
        for span in _places(text, case.get("masked", ())):
            masked = masked[: span.start] + "\0" * (span.end - span.start) + masked[span.end :]
        body = Body(text, masked, policy)
        return body if rule.view == "Body" else quotations_of(body)
    matter = _places(text, (case["front_matter"],))[0] if "front_matter" in case else None
    verbatim, residue = (_places(text, case.get(name, ())) for name in ("verbatim", "residue"))
    named = tuple(case.get("languages", ()))
    return Text(text, Normal(text), policy, front_matter=matter, verbatim=verbatim, residue=residue, languages=named)


@lru_cache(maxsize=256)
def _masked(text: str, markup: str) -> str:
    """Kept, as many rules are asked about the same long texts."""
    return mask(text, 0, len(text), markup)


def _places(text: str, pieces: Iterable[str]) -> tuple[Span, ...]:
    places: list[Span] = []
    at = 0
    for piece in pieces:
        start = text.index(piece, at)
        at = start + len(piece)
        places.append(Span(start, at))
    return tuple(places)


def run_alone(rule: Rule, view: Any, options: Mapping[str, Any] | None = None) -> list[Outcome]:
    """What a rule says of a view."""
    found: Iterator[Found] = rule.check(view, **(options or {}))
    return [
        Outcome(
            item.span, item.message, item.fix, item.severity or rule.severity, tuple(span for _, span in item.related)
        )
        for item in found
    ]


def run_engine(rule: Rule, data: bytes, case: Mapping[str, Any]) -> list[Outcome]:
    """What a rule says in a run of the engine over a whole seed."""
    if "unread" in case:
        report = unread_seed("seed.txt", Unread(rule.name, case["unread"]))
    elif "orphan" in case:
        report = orphan_sidecar(f"{case['orphan']}.meta.yaml", case["orphan"])
    else:
        settings = Settings(limit_bytes=int(case["limit_bytes"])) if "limit_bytes" in case else None
        told = {key: case[key] for key in ENGINE_KEYS & case.keys()}
        if isinstance(told.get("today"), str):
            told["today"] = date.fromisoformat(told["today"])
        report = validator.validate(data, settings=settings, **told)
        if case.keys() & {"rejected", "cycle"}:
            report = said_of_attempt(report, _attempt_of(case))
        if "beside" in case:
            report = beside(report, data, _other_of(data, case["beside"]), told)
        if "unstaged" in case:
            report = said_of_staging(report, Staging(case["unstaged"]))
    assert report.fault is None, report.fault
    return [
        Outcome(
            Span(item.start.offset, item.end.offset),
            item.message,
            item.fix,
            item.severity,
            tuple(Span(other.start.offset, other.end.offset) for other in item.related),
        )
        for item in report.findings
        if item.rule == rule.name
    ]


def beside(report: SeedReport, data: bytes, other: bytes, told: Mapping[str, Any]) -> SeedReport:
    """The report of a seed, with what is found when another one of the same source is in the archive, `a.md`."""
    sources = own_sources()
    claim = Claim(told["source"], "the case") if "source" in told else None
    sidecar = read_sidecar(told["sidecar"], "seed.meta.yaml", known_rules=RULES) if "sidecar" in told else None
    here = Side(report.path, look(data, sources, told.get("path"), claim, sidecar))
    there = Side("a.md", look(other, sources, told.get("path"), claim))
    found = neighbours_of(here, [(there, frozenset(Tie) - {Tie.CROWD})])
    return said_of_neighbours(report, here, found, told.get("today"))


def _other_of(data: bytes, said: str | Sequence[str]) -> bytes:
    """The other seed of a case. In a docstring, `beside=May>June` is the same text with `June` for `May`."""
    text = data.decode("utf-8")
    if isinstance(said, str) and "\n" not in said:
        said = said.split(">") if ">" in said else ("", "")
    return (said if isinstance(said, str) else text.replace(said[0], said[1]) if said[0] else text).encode("utf-8")


def _attempt_of(case: Mapping[str, Any]) -> Attempt:
    rejected = case.get("rejected", {})
    failed = {rejected: "a guard of this test"} if isinstance(rejected, str) else rejected
    return Attempt(tuple(failed.items()), case.get("cycle", ""))


def seed_of(case: Mapping[str, Any]) -> bytes | str:
    """The seed of a case."""
    if "bytes_hex" in case:
        return bytes.fromhex(case["bytes_hex"])
    if "bytes_base64" in case:
        return base64.b64decode(case["bytes_base64"])
    text = str(case.get("text", ""))
    return text.encode(case["encoding"]) if "encoding" in case else text


def run_case(rule: Rule, case: Mapping[str, Any]) -> tuple[str, list[Outcome]]:
    """The decoded text of a case, and what the rule says of it."""
    unknown = case.keys() - SAID_KEYS - GIVEN_KEYS - WHOLE_KEYS
    assert not unknown, f"a case cannot hold {sorted(unknown)}"
    seed = seed_of(case)
    text = seed if isinstance(seed, str) else decode(seed).text
    if not runs_alone(rule) or case.keys() & WHOLE_KEYS:
        return text, run_engine(rule, seed if isinstance(seed, bytes) else seed.encode("utf-8"), case)
    view = view_of(rule, seed, policy_of(case.get("policy", {})), case)
    return text, run_alone(rule, view, case.get("options"))


def policy_of(said: Mapping[str, Any]) -> Policy:
    """A policy from a case's mapping; `legacy` may be a list."""
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
    return Policy(**values)


def check_case(rule: Rule, case: Mapping[str, Any], *, dirty: bool) -> None:
    """Assert what the case says."""
    text, outcomes = run_case(rule, case)
    told = [(text[slice(*outcome.span)], outcome.message) for outcome in outcomes]
    if not dirty:
        assert not case.keys() & SAID_KEYS, "a clean case says nothing of findings"
        assert not told
        return
    assert case.keys() & {"marks", "spans", "count"}, "a dirty case says what is found"
    assert told, "nothing was found"
    if "count" in case:
        assert len(outcomes) == case["count"], told
    if "marks" in case:
        assert [mark for mark, _ in told] == case["marks"], told
    if "spans" in case:
        assert [list(outcome.span) for outcome in outcomes] == case["spans"], told
    if "fix" in case:
        fixes = [outcome.fix.applicability.value if outcome.fix else "none" for outcome in outcomes]
        assert fixes == (case["fix"] if isinstance(case["fix"], list) else [case["fix"]] * len(fixes)), told
    if "fixed" in case:
        assert apply_fixes(text, outcomes) == case["fixed"]
    if "recode" in case:
        assert {outcome.fix.recode for outcome in outcomes if outcome.fix} == {case["recode"]}
    if "lift" in case:
        lifts = [outcome.fix.lift for outcome in outcomes if outcome.fix and outcome.fix.lift]
        assert {lift.field: lift.value for lift in lifts} == case["lift"]
    if "severity" in case:
        assert {outcome.severity.value for outcome in outcomes} == {case["severity"]}
    if "message" in case:
        assert case["message"] in told[0][1]
    if "related" in case:
        assert [text[slice(*span)] for span in outcomes[0].related] == case["related"]


def apply_fixes(text: str, outcomes: Sequence[Outcome]) -> str:
    """The text with the edits of all fixes applied; they must not overlap."""
    edits = sorted(
        {edit for outcome in outcomes if outcome.fix for edit in outcome.fix.edits}, key=lambda e: (e.start, e.end)
    )
    pieces: list[str] = []
    at = 0
    for edit in edits:
        assert at <= edit.start <= edit.end <= len(text), edit
        pieces += [text[at : edit.start], edit.replacement]
        at = edit.end
    return "".join([*pieces, text[at:]])


@cache
def cases(name: str) -> dict[str, list[dict[str, Any]]]:
    """The cases of a rule; both lists empty where it has no file."""
    path = CASES / f"{name}.yaml"
    if not path.is_file():
        return {"dirty": [], "clean": []}
    loaded: dict[str, list[dict[str, Any]]] = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    assert loaded.keys() - {"inject"} == {"dirty", "clean"}, (
        f"{path.name} holds {sorted(loaded)}, expected dirty and clean"
    )
    return loaded


_EXAMPLE = re.compile(r"^(Bad|Good)(?: \[(.*?)\](?=: |:$))?: ?(.*)$", re.MULTILINE)
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[nrt0\\])")


def examples(rule: Rule) -> list[tuple[str, dict[str, Any]]]:
    """The `Bad:` and `Good:` lines of a rule's documentation, each as the case that it stands for."""
    found: list[tuple[str, dict[str, Any]]] = []
    for kind, said, written in _EXAMPLE.findall(rule.document):
        case: dict[str, Any] = {"policy": {}}
        listed, with_sidecar, sidecar = said.partition("sidecar=")
        if with_sidecar:
            case["sidecar"] = sidecar
        for part in filter(None, (part.strip() for part in listed.split(","))):
            key, _, value = part.partition("=")
            if key in POLICY_KEYS:
                case["policy"][key] = value.split("+") if key == "legacy" else value
            else:
                case[key] = value
        if written.startswith('b"'):
            case["bytes_hex"] = ast.literal_eval(written).hex()
        else:
            case["text"] = _ESCAPE.sub(_unescape, written)
        found.append((kind, case))
    return found


def _unescape(match: re.Match[str]) -> str:
    return str(ast.literal_eval(f'"{match.group()}"'))
