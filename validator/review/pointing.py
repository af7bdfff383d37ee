"""A source schema that a curator corrects by pointing at values in its seeds, in one sitting.

The schema is held in memory until it is saved. It is saved only to the file that the command named, and only if that file is
still as it was read. The page names seeds by keys, so it never sends a path.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import Lock

from validator.archive.face import sources_of
from validator.archive.opening import Archive
from validator.archive.reading import read_seed, system_reason
from validator.archive.root import read_schemas, read_text, schemas_folder
from validator.archive.seeds import Seed
from validator.archive.writing import held, write_atomically
from validator.learning.correcting import MISSED, Corrector
from validator.learning.drafting import learn
from validator.learning.pointed import FURNITURE, JSON_LD, META, POINTED, Pointed
from validator.learning.power import power
from validator.learning.samples import Sample, samples_of
from validator.learning.trying import FIELDS_SHOWN, Tried, try_source, values_in
from validator.parsing.decoding import decode
from validator.parsing.markup import GONE, mask
from validator.reports.escaping import printable
from validator.reports.trial import power_lines
from validator.review.answering import Action, Given, Refusals, Served, WrongError, application
from validator.review.queue import key_of
from validator.review.security import Application, Keys
from validator.review.showing import Mark, lines_of, value_in_words
from validator.rules.views import Unread
from validator.sources.model import Source, Sources
from validator.sources.schema_editing import FILL_IN, left_open
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Severity

_MOST = 200  # seeds that are shown, spread evenly over those that there are
_ENDS = 60  # characters of a body's beginning and end
_LINES_OF_FURNITURE = 120  # characters

_TEXT = {"type": "string", "maxLength": 20_000}
_EXPECTED = {
    **dict.fromkeys(("key", "name", "text", "title"), _TEXT),
    "field": {"enum": [*POINTED, "body"]},
}
_PAGE = {
    "/": "source.html", "/source.js": "source.js", "/common.js": "common.js", "/review.css": "review.css",
    "/icon.svg": "icon.svg",
}  # fmt: skip


class PointingError(Exception):
    """A correction that was not made; the text says why."""


class ChangedError(PointingError):
    """The file of the schema has changed since it was read."""


@dataclass(frozen=True, slots=True)
class _State:
    """A schema as it was after one correction, and what was pointed at until then. `did` is the correction in words."""

    text: str
    pointed: tuple[Pointed, ...] = ()
    did: str = ""


@dataclass
class Pointing:
    """One sitting with one schema. `on_disk` is what the file holds, None if it is not there yet."""

    file: Path
    seeds: Sequence[tuple[str, bytes]]
    sources: Sources
    read: Callable[[str], Source]
    state: _State
    on_disk: bytes | None
    notes: tuple[str, ...] = ()
    today: date | None = None
    done: list[_State] = field(default_factory=list)
    undone: list[_State] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.keys = {key_of(name): (name, data) for name, data in self.seeds}
        self.samples: Sequence[Sample] = samples_of(self.seeds)[0]
        self.tried = lru_cache(maxsize=8)(self._tried)

    @property
    def is_saved(self) -> bool:
        """Whether the file holds the schema as it is now."""
        return self.on_disk == self.state.text.encode()

    @property
    def corrector(self) -> Corrector:
        """What corrects the schema."""
        return Corrector(self.samples, self.sources, self.read)

    def _tried(self, text: str) -> tuple[Source, Tried]:
        source = self.read(text)
        return source, try_source(source, self.seeds, self.sources, self.today)

    # --- looking ---

    def begin(self, given: Given) -> Given:
        """What the page needs first."""
        return {
            "id": self.file.stem,
            "file": printable(str(self.file)),
            "seeds": [{"key": key, "name": printable(name)} for key, (name, _) in self.keys.items()],
            "notes": [printable(note) for note in self.notes],
            **self.shown({}),
        }

    def shown(self, given: Given) -> Given:
        """How the schema does on all seeds."""
        text = self.state.text
        source, tried = self.tried(text)
        why = {(each.seed, each.field): each.why for each in tried.odd}
        fields = [name for name in FIELDS_SHOWN if name in (*POINTED, "body")]
        return {
            "title": "" if FILL_IN in source.title else printable(source.title),
            "fields": [self._field(name, tried, why, source) for name in fields],
            "furniture": self._furniture(source),
            "open": [printable(line) for _, line in left_open(text)],
            "claimed": tried.claimed,
            "rivals": {printable(name): count for name, count in tried.rivals.items()},
            "errors": [
                {"key": key_of(each.seed), "name": printable(each.seed), "why": printable(f"{each.field}: {each.why}")}
                for each in tried.errors[:_MOST]
            ],
            "undo": self.done[-1].did if self.done else None,
            "redo": self.undone[-1].did if self.undone else None,
            "saved": self.is_saved,
        }

    def _field(self, name: str, tried: Tried, why: dict[tuple[str, str], str], source: Source) -> Given:
        rows, counts = [], {"found": 0, "missing": 0, "odd": 0}
        for report, (key, (_, data)) in zip(tried.reports, self.keys.items(), strict=True):
            value, note = _value(report, name, data), why.get((report.path, name), "")
            is_odd = bool(value) and bool(note)
            counts["found" if value else "missing"] += 1
            counts["odd"] += is_odd
            rows.append({"key": key, "value": printable(value), "why": printable(note), "odd": is_odd})
        severity = source.required.get(name) if name in MISSED else None
        return {
            "field": name,
            **counts,
            "seeds": rows,
            "needed": severity,
            "lacks": severity is not None
            and (severity is Severity.ERROR or not counts["found"])
            and counts["missing"] > 0,
        }

    def _furniture(self, source: Source) -> list[Given]:
        from validator.record.residue import residue_in

        own = {each.name: {"name": each.name, "seeds": 0, "text": ""} for each in source.residues}
        for sample in self.samples:
            found = {
                left.residue.name: sample.decoded.text[slice(*left.span)] for left in residue_in(sample.reader(source))
            }
            for name, text in found.items():
                own[name]["seeds"] = int(str(own[name]["seeds"])) + 1
                said = mask(text, 0, len(text), "html").replace("\x00", "") if sample.is_page else text
                own[name]["text"] = own[name]["text"] or printable(" ".join(said.split())[:_LINES_OF_FURNITURE])
        return [each for each in own.values() if each["seeds"]]

    def seed(self, given: Given) -> Given:
        """A seed with its values and its furniture marked."""
        name, data = self._seed(given["key"])
        with self.lock:
            _, tried = self.tried(self.state.text)
        report = tried.reports[list(self.keys).index(given["key"])]
        text, sample = decode(data).text, next((each for each in self.samples if each.name == name), None)
        is_page = sample is not None and sample.is_page
        spans = [(value.field, value.start, value.end) for value in values_in(report)]
        spans += [(FURNITURE, each.start, each.end) for each in report.findings if each.rule == "page-furniture"]
        marks = [
            (field, Mark(start.offset, end.offset))
            for field, start, end in spans
            if start is not None and end is not None
        ]
        body = Mark(report.body.start.offset, report.body.end.offset) if report.body is not None else Mark(0, 0)
        if is_page:
            text, places = _as_read(text)
            body = Mark(bisect_left(places, body.start), bisect_left(places, body.end))
            moved = [
                (field, Mark(bisect_left(places, mark.start), bisect_left(places, mark.end))) for field, mark in marks
            ]
            marks = [(field, mark) for field, mark in moved if mark.start < mark.end]
        return {
            "key": given["key"],
            "name": printable(name),
            "lines": lines_of(text, [mark for _, mark in marks]),
            "body": [text.count("\n", 0, each) + 1 for each in (body.start, body.end)] if body.end else [0, 0],
            "marks": [field for field, _ in marks],
            "language": next(iter(sample.languages), None) if sample is not None else None,
            "record": {field: value_in_words(value) for field, value in report.record.items() if field in FIELDS_SHOWN},
            "said": _said(sample) if sample is not None and is_page else [],
            "is_used": sample is not None,
        }

    def told(self, given: Given) -> Given:
        """Which defects the schema would see."""
        with self.lock:
            source, _ = self.tried(self.state.text)
            return {
                "lines": [printable(line) for line in power_lines(power(source, self.seeds, self.sources, self.today))]
            }

    # --- correcting ---

    def point(self, given: Given) -> Given:
        """Say what a text of a seed is."""
        name, _ = self._seed(given["key"])
        pointed = Pointed(name, given["field"], given["text"])
        if pointed.field not in POINTED or not pointed.text.strip():
            raise PointingError("select the text of a value first")
        earlier = self.state.pointed
        did = f"{_words(pointed.field)} in {printable(name)}"
        return self._corrected(did, lambda text: self.corrector.pointed(text, pointed, earlier), (*earlier, pointed))

    def absent(self, given: Given) -> Given:
        """Say that the seeds have no such field."""
        name = given["field"]
        if name not in MISSED:
            raise WrongError("field: not one that every seed should have")
        left = tuple(each for each in self.state.pointed if each.field != name)
        return self._corrected(f"no {_words(name)}", lambda text: self.corrector.absent(text, name), left)

    def article(self, given: Given) -> Given:
        """Say that furniture is part of the article after all."""
        name = given["name"]
        return self._corrected("part of the article", lambda text: self.corrector.article(text, name))

    def titled(self, given: Given) -> Given:
        """Say what the source is."""
        return self._corrected("the title", lambda text: self.corrector.titled(text, given["title"]))

    def _corrected(self, did: str, correct: Callable[[str], str], pointed: tuple[Pointed, ...] | None = None) -> Given:
        with self.lock:
            text = correct(self.state.text)  # an error of what is pointed at is an answer
            self.tried(text)
            self.done.append(replace(self.state, did=did))
            self.undone.clear()
            self.state = _State(text, self.state.pointed if pointed is None else pointed)
            return {"did": did, **self.shown({})}

    def undo(self, given: Given) -> Given:
        """Take the last correction back."""
        return self._moved(self.done, self.undone)

    def redo(self, given: Given) -> Given:
        """Make the correction again that was taken back last."""
        return self._moved(self.undone, self.done)

    def _moved(self, pile: list[_State], other: list[_State]) -> Given:
        with self.lock:
            if not pile:
                raise PointingError("there is nothing left to undo or to do again")
            before = pile.pop()
            other.append(replace(self.state, did=before.did))
            self.state = replace(before, did="")
            return {"did": before.did, **self.shown({})}

    def save(self, given: Given) -> Given:
        """Write the schema to its file."""
        with self.lock:
            content = self.state.text.encode()
            try:
                self.file.parent.mkdir(parents=True, exist_ok=True)
                with held(self.file.parent):
                    self._check_unchanged()
                    write_atomically(self.file, content)
            except OSError as error:
                raise PointingError(f"{self.file} cannot be written: {system_reason(error)}") from None
            self.on_disk = content
            return {"did": "saved", **self.shown({})}

    def _check_unchanged(self) -> None:
        found = _on_disk(self.file)
        if found == self.on_disk:
            return
        if found is None:
            self.on_disk = None  # saving again writes it
            raise ChangedError(f"{self.file} was removed by somebody else: save again to write it")
        raise ChangedError(
            f"{self.file} was changed by somebody else, and is left as it is: move it away and save again, or start anew"
        )

    def _seed(self, key: str) -> tuple[str, bytes]:
        if key not in self.keys:
            raise WrongError("there is no such seed")
        return self.keys[key]


def open_pointing(archive: Archive, file: Path, seeds: Sequence[Seed]) -> Pointing:
    """A sitting with a schema, which is drafted from the seeds if its file is not there yet. Raises ConfigError."""
    chosen = seeds[:: max(1, -(-len(seeds) // _MOST))]
    contents = []
    notes = [f"{len(chosen)} of {len(seeds):,} seeds are shown"] if len(chosen) < len(seeds) else []
    for seed in chosen:
        content = read_seed(seed, archive.settings.limit_bytes)
        if isinstance(content, Unread):
            notes.append(f"{seed.name} is left out: {content.message}")
        else:
            contents.append((seed.name, content))
    if not contents:
        raise ConfigError("no seed to show there")
    _, refused = samples_of(contents)
    notes += [f"nothing is learned from {said}" for said in refused]
    own, beside = read_schemas(schemas_folder()), _beside(file)

    def read(text: str) -> Source:
        return sources_of(own, [*beside, (str(file), text)])[file.stem]

    known = {**archive.sources, **{name: each for name, each in sources_of(own, beside).items() if name != file.stem}}
    others = {name: source for name, source in known.items() if name != file.stem}
    on_disk = _on_disk(file)
    text = read_text(file) if on_disk is not None else learn(file.stem, contents, others).text
    read(text)
    return Pointing(file, contents, others, read, _State(text), on_disk, tuple(notes), archive.request.today)


def make_pointing_application(pointing: Pointing, keys: Keys, report: Callable[[str], None]) -> Application:
    """The application with its guard. `report` gets a line about each fault of the program."""
    refusals: Refusals = {
        ChangedError: (409, "stale"),
        PointingError: (422, "decision"),
        ConfigError: (422, "decision"),
    }
    return application(Served(_PAGE, _ACTIONS, Pointing.begin, _EXPECTED, refusals), pointing, keys, report)


_ACTIONS = {
    "seed": Action("GET", Pointing.seed, ("key",)),
    "power": Action("GET", Pointing.told, ()),
    "point": Action("POST", Pointing.point, ("key", "field", "text")),
    "absent": Action("POST", Pointing.absent, ("field",)),
    "article": Action("POST", Pointing.article, ("name",)),
    "title": Action("POST", Pointing.titled, ("title",)),
    "undo": Action("POST", Pointing.undo, ()),
    "redo": Action("POST", Pointing.redo, ()),
    "save": Action("POST", Pointing.save, ()),
}


def _beside(file: Path) -> list[tuple[str, str]]:
    """The other schemas of the same folder, which may claim the same seeds; none if one of them is not valid."""
    if not file.parent.is_dir():
        return []
    beside = [each for each in read_schemas(file.parent) if Path(each[0]).stem != file.stem]
    try:
        sources_of(read_schemas(schemas_folder()), beside)
    except ConfigError:
        return []
    return beside


def _on_disk(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"it cannot be read: {system_reason(error)}", str(file)) from None


def _words(name: str) -> str:
    return {FURNITURE: "not part of the article", "source_url": "address", "date_published": "date"}.get(name, name)


def _value(report: SeedReport, name: str, data: bytes) -> str:
    """A value in words; of a body how it begins and ends."""
    if name != "body":
        said = value_in_words(report.record[name]) if name in report.record else ""
        first = next((each for each in report.values if each.field == name), None)
        if said or first is None or first.start is None or first.end is None:
            return said
        # A dateline may have a town, a month and a day, or none of them.
        return decode(data).text[first.start.offset : first.end.offset]
    body = report.body
    if body is None or not body.characters:
        return ""
    text = decode(data).text[body.start.offset : body.end.offset]
    said = " ".join(mask(text, 0, len(text), "html").replace("\x00", "").split())
    return said if len(said) <= 2 * _ENDS else f"{said[:_ENDS]} … {said[-_ENDS:]}"


def _as_read(page: str) -> tuple[str, list[int]]:
    """The text of a page without its markup, whitespace folded, and where each of its characters is in the page."""
    shown, places = [], []
    for line in re.finditer(r"[^\n]+", mask(page, 0, len(page), "html")):
        kept = [(" " if each.isspace() else each, at) for at, each in enumerate(line[0], line.start()) if each != GONE]
        kept = [
            pair for before, pair in zip([(" ", 0), *kept], kept, strict=False) if pair[0] != " " or before[0] != " "
        ]
        if kept:
            shown += [*(each for each, _ in kept), "\n"]
            places += [*(at for _, at in kept), kept[-1][1] + 1]
    return "".join(shown), places


def _said(sample: Sample) -> list[Given]:
    """What a page says of itself, which its text does not show."""
    page = sample.page
    found = [("title", value) for value, _ in page.elements("title")]
    found += [(name, value) for name in META for value, _ in page.meta(name)]
    found += [(path, value) for path in JSON_LD for value, _ in page.json_ld(path)]
    return [{"name": name, "text": printable(value)} for name, value in dict.fromkeys(found)]
