"""The requests of the page and their answers: JSON about seeds, and decisions for the desk.

The page names seeds by keys of the list that was searched, so it never sends a path. The desk serves one request at a time. GET
changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

from validator.archive.seeds import Seed
from validator.preservation.disk import PreservationError
from validator.record.sidecar import BYLINE_KINDS, FIELDS
from validator.reports.escaping import printable
from validator.review.answering import Action, Given, Refusals, Served, WrongError, application
from validator.review.candidates import FIELD_OF
from validator.review.desk import (
    Change,
    Choice,
    Desk,
    DeskError,
    NamelessError,
    NewValue,
    Sheet,
    SidecarChange,
    StaleError,
    Step,
    accept_findings,
    accept_in_folder,
    attest_values,
    carry_out,
    checked_values,
    do_again,
    name_sources,
    preview,
    repair_safely,
    sheet,
    take_back,
)
from validator.review.earlier import earlier_words
from validator.review.matters import Entry, entry_of, has_sidecar, needs_decision, refusal, title_of
from validator.review.pairs import keep_both, mark_as_wrong, pair_shown
from validator.review.past import decisions_about, original_entry, repairs_entry, repairs_of
from validator.review.queue import Group, Queue, Wish, group_key, key_of, told_of
from validator.review.security import Application, Keys
from validator.review.showing import alike_entries, outlook_entry, repaired_entry, sheet_entry
from validator.text.findings import Finding

LOOKED_AT_A_TIME = 60  # seeds in a list of similar decisions
SECONDS_AT_A_TIME = 1.0
FINDINGS_OF_A_SEED = 100  # in such a list
QUEUE_AT_A_TIME = 100
FOLDERS_SHOWN = 50
NAME_CHARACTERS = 200

_PAGE = {
    "/": "review.html", "/review.css": "review.css", "/review.js": "review.js", "/common.js": "common.js",
    "/icon.svg": "icon.svg", "/pair.js": "pair.js", "/pair.css": "pair.css", "/pairs.js": "pairs.js",
}  # fmt: skip

_TEXT = {"type": "string"}
_MAYBE = {"type": ["string", "null"]}
_TEXTS = {"type": "array", "items": _TEXT, "minItems": 1}
_CHOICE = {
    "type": "object",
    "required": ["key", "version"],
    "properties": {
        "key": _TEXT,
        "version": _TEXT,
        "findings": {"type": "array", "items": {**_TEXTS, "minItems": 2, "maxItems": 2}},  # rule and fingerprint
    },
}
_VALUE = {
    "type": "object",
    "required": ["field", "value"],
    "properties": {"field": {"enum": list(FIELDS)}, "value": {"anyOf": [_TEXT, _TEXTS]}, "replaces": _MAYBE},
}
_EXPECTED = {
    **dict.fromkeys(
        (
            "after",
            "basis",
            "by",
            "folder",
            "group",
            "key",
            "kind",
            "known",
            "other",
            "reason",
            "rule",
            "show",
            "source",
            "text",
        ),
        _TEXT,
    ),
    "choices": {"type": "array", "items": _CHOICE, "minItems": 1},
    "goes_on": {"type": "boolean"},
    "over": {"type": "boolean"},
    "offset": {"type": "string", "pattern": r"^[0-9]{1,9}\Z"},
    "step": {"enum": ["1", "-1"]},
    "until": _MAYBE,
    "values": {"type": "array", "items": _VALUE, "minItems": 1, "maxItems": len(FIELDS)},
}  # each field of a request means the same in every request


class Review:
    """One session: the desk, the queue, and the lock that keeps requests apart."""

    def __init__(self, desk: Desk, queue: Queue) -> None:
        self.desk = desk
        self.queue = queue
        self.lock = Lock()
        self.swept: dict[
            object, tuple[str, str, Mapping[str, Entry]]
        ] = {}  # by change: rule, folder, entries before it
        self.stamps: dict[str, tuple[object, object]] = {}  # of seeds and their sidecars when the queue was shown last
        self.sweep: Step | None = None  # the safe repairs of all seeds that are carried out so far

    # --- looking ---

    def state(self, given: Given) -> Given:
        """What the page needs first."""
        archive = self.desk.archive
        return {
            **self._state(),
            "by": self.desk.by,
            "root": printable(archive.root.name),
            "version": self.desk.version,
            "sources": sorted(name for name in archive.sources if name != "base"),
            "fields": list(FIELDS),
            "byline_kinds": list(BYLINE_KINDS),
        }

    def progress(self, given: Given) -> Given:
        """How far the search and the decisions are."""
        return self._state()

    def list_queue(self, given: Given) -> Given:
        """A part of the queue. Seeds in it that somebody else has changed since it was shown last are looked at again."""
        wish, offset = _wish(given), int(given.get("offset", "0"))
        view = self.queue.view(wish, offset, QUEUE_AT_A_TIME)
        changed = [each["key"] for each in view["items"] if self._is_changed(each["key"])]
        if changed:
            with self.lock:
                self._renew(tuple(self.queue.seeds[key].name for key in changed))
            view = self.queue.view(wish, offset, QUEUE_AT_A_TIME)
        return {**self._state(), **view}

    def _is_changed(self, key: str) -> bool:
        """Whether a seed or its sidecar has another time or size on disk than when this was asked last."""
        seed = self.queue.seeds[key]
        now = _stamp(seed.path), _stamp(seed.sidecar)
        before = self.stamps.setdefault(key, now)
        self.stamps[key] = now
        return before != now

    def neighbour(self, given: Given) -> Given:
        """The next seed, or the one before."""
        return {"key": self.queue.neighbour(given["key"], int(given.get("step", "1")), _wish(given))}

    def seed(self, given: Given) -> Given:
        """A seed as it is on disk now, or that it is still the version that the page knows."""
        with self.lock:
            found = self._sheet(given["key"])
            return {"same": True} if given.get("known") == found.version else self._shown(found)

    def pair(self, given: Given) -> Given:
        """Two seeds side by side."""
        with self.lock:
            return pair_shown(self.desk, self._sheet(given["key"]), self._sheet(given["other"]))

    def earlier(self, given: Given) -> Given:
        """The reasons and bases that the curator has written before in the archive."""
        return earlier_words(self.desk.archive, tuple(self.queue.seeds.values()), self.desk.by)

    def original(self, given: Given) -> Given:
        """A seed's text before it was repaired."""
        with self.lock:
            found = self._sheet(given["key"])
            try:
                return original_entry(self.desk.archive, found.seed, found.text)
            except PreservationError as error:
                raise DeskError(str(error)) from None

    def preview_safe(self, given: Given) -> Given:
        """What the safe repairs of a seed would change."""
        with self.lock:
            found = self._sheet(given["key"])
            return {"version": found.version, **repaired_entry(found, preview(self.desk, found))}

    def alike(self, given: Given) -> Given:
        """Similar decisions, seed by seed; those behind the seed `after`."""
        group = self.queue.group(given.get("group", ""))
        if group is None:
            return {"group": None, "seeds": [], "after": None}

        def look(found: Sheet) -> Given | None:
            wanted = [each for each in found.report.findings if _is_of(found, each, group)]
            if not wanted:
                return None
            return {**alike_entries(found, wanted[:FINDINGS_OF_A_SEED]), "more": len(wanted[FINDINGS_OF_A_SEED:])}

        keys = self.queue.members(group_key(group), given.get("after", ""), Wish(text=given.get("text", "")))
        told = {**told_of(group), "names_source": FIELD_OF.get(group.rule) == "source"}
        return {"group": told, "folders": self._folders(group_key(group)), **self._listed(keys, look)}

    def _folders(self, group: str) -> list[Given]:
        """The folders that can be decided on at once, those of most seeds first.

        A folder is left out if one inside it has all of its seeds, but for the whole archive.
        """
        found = self.queue.folders(group)
        same = {
            each.rpartition("/")[0] for each, seeds in found.items() if each and found[each.rpartition("/")[0]] == seeds
        }
        kept = sorted(found.keys() - (same - {""}), key=lambda each: (-found[each][0], each))
        return [
            {"key": key_of(each), "name": printable(each), "seeds": found[each][0], "all": found[each][1]}
            for each in kept[:FOLDERS_SHOWN]
        ]

    def accept_folder(self, given: Given) -> Given:
        """Accept all findings of a rule in a folder, in one sidecar."""
        reason, until = given["reason"].strip(), _day(given)
        if not reason:
            raise DeskError("say why the text is right as it is")
        with self.lock:
            group = self.queue.group(given["group"])
            if group is None:
                raise StaleError("nothing like this is left to decide")
            folder = next(
                (each for each in self.queue.folders(given["group"]) if key_of(each) == given["folder"]), None
            )
            if folder is None:
                raise WrongError("folder: expected one of those that were shown")
            place = self.desk.archive.root / folder if folder else self.desk.archive.root
            names = [each.name for each in self.queue.with_rule(group.rule, folder).values()]
            step = accept_in_folder(self.desk, place, group.rule, reason, until, names)
            self.swept[_wrote(step.written[0])] = (group.rule, folder, self.queue.accepted(group.rule, folder))
            return {"done": f"accepted {group.rule} in {len(names):,} seeds", "left": {}, "seed": None, **self._state()}

    def all_safe(self, given: Given) -> Given:
        """The safe repairs of all seeds, seed by seed; those behind the seed `after`."""

        def look(found: Sheet) -> Given | None:
            with suppress(DeskError):
                return {
                    "key": key_of(found.report.path),
                    "name": printable(found.report.path),
                    "version": found.version,
                    **repaired_entry(found, preview(self.desk, found)),
                }
            return None

        return self._listed(self.queue.with_safe(given.get("after", "")), look)

    def _listed(self, keys: list[str], look: Callable[[Sheet], Given | None]) -> Given:
        seeds: list[Given] = []
        began = time.monotonic()
        for number, key in enumerate(keys):
            if number and (number == LOOKED_AT_A_TIME or time.monotonic() - began > SECONDS_AT_A_TIME):
                return {"seeds": seeds, "after": keys[number - 1], "left": len(keys) - number}
            with self.lock, suppress(DeskError):
                told = look(self._sheet(key))
                if told is not None:
                    seeds.append(told)
        return {"seeds": seeds, "after": None, "left": 0}

    # --- deciding ---

    def take_name(self, given: Given) -> Given:
        """Who decides."""
        name = " ".join(given["by"].split())
        if not name or len(name) > NAME_CHARACTERS or not name.isprintable():
            raise DeskError(f"a name has 1 to {NAME_CHARACTERS} characters that can be seen")
        with self.lock:
            self.desk.by = name
        return {"by": name, **self._state()}

    def carry_out(self, given: Given) -> Given:
        """Carry out proposals."""
        choices, title = self._choices(given), self._title(given, "carried out")
        return self._decided(given, lambda: carry_out(self.desk, choices, title))

    def accept(self, given: Given) -> Given:
        """Accept findings, with a reason."""
        choices, reason, until = self._choices(given), given["reason"].strip(), _day(given)
        if not reason:
            raise DeskError("say why the text is right as it is")
        title = self._title(given, "")
        return self._decided(given, lambda: accept_findings(self.desk, choices, reason, until, title))

    def attest(self, given: Given) -> Given:
        """Attest values of the record, or name the source."""
        (choice, *others), (values, source) = self._choices(given), _values(given)
        if others:
            raise WrongError("choices: expected one seed")
        if source is not None:
            return self._decided(given, lambda: name_sources(self.desk, [choice], source))
        basis = given["basis"].strip()
        if not basis:
            raise DeskError("say on what basis: where the value comes from, so that another can look")
        return self._decided(given, lambda: attest_values(self.desk, choice, values, basis, given.get("over", False)))

    def keep_both(self, given: Given) -> Given:
        """Accept, in both of two seeds, the findings that name the other."""
        choices, reason = self._choices(given), given["reason"].strip()
        if len(choices) != 2:
            raise WrongError("choices: expected two seeds")
        if not reason:
            raise DeskError("say why both belong in the archive")
        return self._decided(given, lambda: keep_both(self.desk, choices, reason))

    def reject(self, given: Given) -> Given:
        """Mark a seed as wrong."""
        (choice, *others), reason = self._choices(given), given["reason"].strip()
        if others:
            raise WrongError("choices: expected one seed")
        if not reason:
            raise DeskError("say what is wrong with the seed")
        return self._decided(given, lambda: mark_as_wrong(self.desk, choice, reason))

    def check(self, given: Given) -> Given:
        """The outcome for a seed if values were attested; nothing is written."""
        values, source = _values(given)
        with self.lock:
            found = self._sheet(given["key"])
            return outlook_entry(found, checked_values(self.desk, found, values, source), values)

    def name_source(self, given: Given) -> Given:
        """Name the source of seeds."""
        choices, source = self._choices(given), given["source"]
        return self._decided(given, lambda: name_sources(self.desk, choices, source))

    def repair(self, given: Given) -> Given:
        """Carry out the safe repairs of seeds."""
        choices = self._choices(given)
        return self._decided(given, lambda: repair_safely(self.desk, choices))

    def repair_all(self, given: Given) -> Given:
        """Carry out the safe repairs of all seeds behind the seed `after`, some at a time.

        With `goes_on` they are added to the decision before, so that they are undone together.
        """
        keys = self.queue.with_safe(given["after"])
        left: dict[str, str] = {}
        began = time.monotonic()
        if not given.get("goes_on"):
            self.sweep = None
        for number, key in enumerate(keys):
            if number and time.monotonic() - began > SECONDS_AT_A_TIME:
                return self._swept(left, keys[number - 1], len(keys) - number)
            seed = self.queue.seeds[key]
            with self.lock:
                try:
                    choice = Choice(seed, self._sheet(key).version)
                    self.sweep, _ = repair_safely(self.desk, [choice], onto=self.sweep)
                except NamelessError:
                    raise
                except DeskError as error:
                    left[printable(seed.name)] = printable(str(error))
                else:
                    self._renew((seed.name,))
        return self._swept(left, None, 0)

    def _swept(self, left: Mapping[str, str], after: str | None, number: int) -> Given:
        done = printable(self.sweep.title) if self.sweep else "nothing"
        return {"done": done, "left": left, "after": after, "seeds_left": number, **self._state()}

    def undo(self, given: Given) -> Given:
        """Undo the last decision."""
        with self.lock:
            return self._again(take_back, self.desk.done)

    def redo(self, given: Given) -> Given:
        """Do again what was undone last."""
        with self.lock:
            return self._again(do_again, self.desk.undone)

    def _again(self, action: Callable[[Desk], Step], pile: list[Step]) -> Given:
        written = pile[-1].written if pile else ()
        try:
            step = action(self.desk)
        finally:
            # A folder's sidecar is about any number of seeds: their entries are known, and looked at again when they are shown.
            self._renew(tuple(name for each in written if _wrote(each) not in self.swept for name in each.of))
        keys = [key_of(name) for each in step.written if _wrote(each) not in self.swept for name in each.of]
        for each in step.written:
            rule, folder, entries = self.swept.get(_wrote(each), ("", "", {}))
            if action is do_again and rule:
                self.queue.accepted(rule, folder)
            for entry in entries.values() if action is take_back else ():
                self.queue.renew(entry)
        return {"done": printable(step.title), "keys": keys, **self._state()}

    def _decided(self, given: Given, decide: Callable[[], tuple[Step, dict[str, str]]]) -> Given:
        """The answer to a decision: what was done, and the seed that the page shows as it is now."""
        with self.lock:
            step, left = decide()
            self._renew(step.names)
            answer: dict[str, Any] = {
                "done": printable(step.title),
                "left": {printable(name): printable(why) for name, why in left.items()},
                "seed": None,
            }
            if "show" in given:
                with suppress(DeskError):
                    answer["seed"] = self._shown(self._sheet(given["show"]))
            return {**answer, **self._state()}

    def _renew(self, names: tuple[str, ...]) -> None:
        for name in self.desk.beside.around(names):
            with suppress(DeskError):
                self._sheet(key_of(name))

    def _title(self, given: Given, did: str) -> str:
        group = self.queue.group(given.get("group", ""))
        what = f"{group.rule}: {group.title}" if group and group.title else group.rule if group else "decisions"
        return f"{did} {what}".strip()

    # --- seeds ---

    def _seed(self, key: str) -> Seed:
        if key not in self.queue.seeds:
            raise WrongError("there is no such seed in the list that was searched")
        return self.queue.seeds[key]

    def _sheet(self, key: str) -> Sheet:
        """A seed as it is now. The queue is updated."""
        seed = self._seed(key)
        why = refusal(self.desk.archive, seed)
        if why:
            raise DeskError(why)
        found = sheet(self.desk, seed)
        self.queue.renew(entry_of(found.report, has_sidecar(seed), found.settled))
        return found

    def _shown(self, found: Sheet) -> Given:
        archive = self.desk.archive
        return {
            **sheet_entry(found, self.queue.alike(found.report.source), archive.sources),
            "repairs": repairs_entry(repairs_of(archive, found.seed)),
            "decisions": decisions_about(archive, found.seed),
        }

    def _state(self) -> dict[str, Any]:
        done, undone = self.desk.done, self.desk.undone
        return {
            "progress": self.queue.progress(),
            "undo": printable(done[-1].title) if done else None,
            "redo": printable(undone[-1].title) if undone else None,
        }

    def _choices(self, given: Given) -> list[Choice]:
        out = []
        for each in given["choices"]:
            findings = frozenset((rule, name) for rule, name in each.get("findings", ()))
            out.append(Choice(self._seed(each["key"]), each["version"], findings))
        if len({choice.seed.name for choice in out}) != len(out):
            raise WrongError("choices: a seed is there twice")
        return out


def _stamp(path: Path) -> tuple[int, int] | None:
    """A file's time and size; None if it cannot be had."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _wrote(change: Change) -> tuple[Path, bytes | None]:
    """What names a change: the file and its content after it."""
    return (change.path if isinstance(change, SidecarChange) else change.seed.path), change.after


def _is_of(found: Sheet, finding: Finding, group: Group) -> bool:
    return needs_decision(finding, found.settled) and group == Group(
        finding.severity, finding.rule, title_of(finding), found.report.source
    )


def _day(given: Given) -> date | None:
    until: str = given.get("until") or ""
    try:
        return date.fromisoformat(until) if until else None
    except ValueError:
        raise DeskError(f"{until[:40]} is not a day, expected YYYY-MM-DD") from None


def _wish(given: Given) -> Wish:
    return Wish(*(given.get(name, "") for name in ("source", "rule", "kind", "text")))


def _values(given: Given) -> tuple[list[NewValue], str | None]:
    """The values that are confirmed, or the source that is named."""
    if "source" in given:
        return [], given["source"]
    out = []
    for each in given.get("values", ()):
        value = each["value"] if isinstance(each["value"], str) else tuple(each["value"])
        value = value[0] if isinstance(value, tuple) and len(value) == 1 else value
        out.append(NewValue(each["field"], value, each.get("replaces") or None))
    if not out or len({each.field for each in out}) != len(out):
        raise WrongError("values: expected values of different fields")
    return out, None


_ACTIONS = {
    "progress": Action("GET", Review.progress, ()),
    "queue": Action("GET", Review.list_queue, ()),
    "neighbour": Action("GET", Review.neighbour, ("key",)),
    "seed": Action("GET", Review.seed, ("key",)),
    "earlier": Action("GET", Review.earlier, ()),
    "original": Action("GET", Review.original, ("key",)),
    "pair": Action("GET", Review.pair, ("key", "other")),
    "safe": Action("GET", Review.preview_safe, ("key",)),
    "alike": Action("GET", Review.alike, ("group",)),
    "all-safe": Action("GET", Review.all_safe, ()),
    "name": Action("POST", Review.take_name, ("by",)),
    "check": Action("POST", Review.check, ("key",)),
    "carry-out": Action("POST", Review.carry_out, ("choices",)),
    "accept": Action("POST", Review.accept, ("choices", "reason")),
    "accept-folder": Action("POST", Review.accept_folder, ("group", "folder", "reason")),
    "keep-both": Action("POST", Review.keep_both, ("choices", "reason")),
    "reject": Action("POST", Review.reject, ("choices", "reason")),
    "attest": Action("POST", Review.attest, ("choices", "basis")),
    "name-source": Action("POST", Review.name_source, ("choices", "source")),
    "repair": Action("POST", Review.repair, ("choices",)),
    "repair-all": Action("POST", Review.repair_all, ("after",)),
    "undo": Action("POST", Review.undo, ()),
    "redo": Action("POST", Review.redo, ()),
}


def make_application(desk: Desk, queue: Queue, keys: Keys, report: Callable[[str], None]) -> Application:
    """The application with its guard. `report` gets a line about each fault of the program."""
    refusals: Refusals = {NamelessError: (422, "name"), StaleError: (409, "stale"), DeskError: (422, "decision")}
    return application(Served(_PAGE, _ACTIONS, Review.state, _EXPECTED, refusals), Review(desk, queue), keys, report)
