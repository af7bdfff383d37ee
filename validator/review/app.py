"""What the page asks for and what it is answered: JSON about seeds, and decisions handed to the desk.

Seeds are named by keys of the list that was searched, so that no path ever comes from the page. One request at a time is at the
desk. GET changes nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from importlib.resources import files
from threading import Lock
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from validator.archive.seeds import Seed
from validator.record.sidecar import FIELDS
from validator.reports.escaping import printable
from validator.review.desk import (
    Choice,
    Desk,
    DeskError,
    NamelessError,
    NewValue,
    Sheet,
    StaleError,
    Step,
    accept_findings,
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
from validator.review.matters import entry_of, has_sidecar, needs_decision, refusal, title_of
from validator.review.queue import Group, Queue, Wish, group_key, key_of
from validator.review.security import Application, Guard, Keys
from validator.review.showing import FIELD_OF, alike_entries, outlook_entry, repaired_entry, sheet_entry, words
from validator.text.findings import Finding

LOOKED_AT_A_TIME = 60  # seeds of a list of decisions that are alike
SECONDS_AT_A_TIME = 1.0
FINDINGS_OF_A_SEED = 100  # in such a list
QUEUE_AT_A_TIME = 100
NAME_CHARACTERS = 200

_TYPES = {"css": "text/css", "js": "text/javascript", "html": "text/html"}
_PAGE = {"/": "review.html", "/review.css": "review.css", "/review.js": "review.js", "/icon.svg": "icon.svg"}

Given = Mapping[str, Any]


class WrongError(Exception):
    """A request that says what no page of this program says."""


class Review:
    """One sitting: the desk, the queue, and the lock that keeps requests apart."""

    def __init__(self, desk: Desk, queue: Queue) -> None:
        self.desk = desk
        self.queue = queue
        self.lock = Lock()
        self.sweep: Step | None = None  # the safe repairs of all seeds, as far as they are carried out

    # --- looking ---

    def state(self, given: Given) -> Given:
        """What the page has to know at its beginning."""
        archive = self.desk.archive
        return {
            **self._state(),
            "by": self.desk.by,
            "root": printable(archive.root.name),
            "version": self.desk.version,
            "sources": sorted(name for name in archive.sources if name != "base"),
            **words(),
        }

    def progress(self, given: Given) -> Given:
        """How far the search and the decisions are."""
        return self._state()

    def list_queue(self, given: Given) -> Given:
        """A part of the queue."""
        return {**self._state(), **self.queue.view(_wish(given), _number(given, "offset"), QUEUE_AT_A_TIME)}

    def neighbour(self, given: Given) -> Given:
        """The next seed, or the one before."""
        step = -1 if given.get("step") == "-1" else 1
        return {"key": self.queue.neighbour(str(given.get("key", "")), step, _wish(given))}

    def seed(self, given: Given) -> Given:
        """A seed as it lies on disk now; only that it is the same where the page knows this version."""
        key, seed = self._seed(given.get("key"))
        with self.lock:
            found = self._sheet(key, seed)
            if given.get("known") == found.version:
                return {"same": True}
            return self._shown(key, found)

    def preview_safe(self, given: Given) -> Given:
        """What the safe repairs of a seed would change."""
        key, seed = self._seed(given.get("key"))
        with self.lock:
            found = self._sheet(key, seed)
            return {"version": found.version, **repaired_entry(found, preview(self.desk, found))}

    def alike(self, given: Given) -> Given:
        """Decisions that are alike, seed by seed; from the seed `after` on."""
        group = self.queue.group(str(given.get("group", "")))
        if group is None:
            return {"group": None, "seeds": [], "after": None}

        def look(key: str, found: Sheet) -> Given | None:
            wanted = [each for each in found.report.findings if _is_of(found, each, group)]
            if not wanted:
                return None
            return {**alike_entries(found, key, wanted[:FINDINGS_OF_A_SEED]), "more": len(wanted[FINDINGS_OF_A_SEED:])}

        keys = self.queue.members(group_key(group), str(given.get("after", "")))
        told = {
            "severity": group.severity,
            "rule": group.rule,
            "title": printable(group.title),
            "source": group.source,
            "names_source": FIELD_OF.get(group.rule) == "source",
        }
        return {"group": told, **self._listed(keys, look)}

    def all_safe(self, given: Given) -> Given:
        """The safe repairs of all seeds, seed by seed; from the seed `after` on."""

        def look(key: str, found: Sheet) -> Given | None:
            with suppress(DeskError):
                return {
                    "key": key,
                    "name": printable(found.report.path),
                    "version": found.version,
                    **repaired_entry(found, preview(self.desk, found)),
                }
            return None

        return self._listed(self.queue.with_safe(str(given.get("after", ""))), look)

    def _listed(self, keys: list[str], look: Callable[[str, Sheet], Given | None]) -> Given:
        seeds: list[Given] = []
        began = time.monotonic()
        for number, key in enumerate(keys):
            if number and (number == LOOKED_AT_A_TIME or time.monotonic() - began > SECONDS_AT_A_TIME):
                return {"seeds": seeds, "after": keys[number - 1], "left": len(keys) - number}
            with self.lock, suppress(DeskError):
                told = look(key, self._sheet(key, self.queue.seeds[key]))
                if told is not None:
                    seeds.append(told)
        return {"seeds": seeds, "after": None, "left": 0}

    # --- deciding ---

    def take_name(self, given: Given) -> Given:
        """Who decides."""
        name = " ".join(_text(given, "by").split())
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
        choices, reason, until = self._choices(given), _text(given, "reason").strip(), _day(given)
        if not reason:
            raise DeskError("say why the finding is right to stay")
        title = self._title(given, "")
        return self._decided(given, lambda: accept_findings(self.desk, choices, reason, until, title))

    def attest(self, given: Given) -> Given:
        """Attest values of the record, or name the source."""
        (choice,), (values, source) = self._choices(given, one=True), _values(given)
        if source is not None:
            return self._decided(given, lambda: name_sources(self.desk, [choice], source))
        basis = _text(given, "basis").strip()
        if not basis:
            raise DeskError("say on what basis: where the value comes from, so that another can look")
        return self._decided(given, lambda: attest_values(self.desk, choice, values, basis))

    def check(self, given: Given) -> Given:
        """The outcome for a seed if values were attested; nothing is written."""
        key, seed = self._seed(given.get("key"))
        values, source = _values(given)
        with self.lock:
            found = self._sheet(key, seed)
            return outlook_entry(found, checked_values(self.desk, found, values, source), values)

    def name_source(self, given: Given) -> Given:
        """Name the source of seeds."""
        choices, source = self._choices(given), _text(given, "source")
        return self._decided(given, lambda: name_sources(self.desk, choices, source))

    def repair(self, given: Given) -> Given:
        """Carry out the safe repairs of seeds."""
        choices = self._choices(given)
        return self._decided(given, lambda: repair_safely(self.desk, choices))

    def repair_all(self, given: Given) -> Given:
        """Carry out the safe repairs of all seeds, a part of them at a time; from the seed `after` on.

        With `goes_on` the parts are one decision, so that they are undone together.
        """
        keys = self.queue.with_safe(_text(given, "after"))
        left: dict[str, str] = {}
        began = time.monotonic()
        if given.get("goes_on") is not True:
            self.sweep = None
        for number, key in enumerate(keys):
            if number and time.monotonic() - began > SECONDS_AT_A_TIME:
                return self._swept(left, keys[number - 1], len(keys) - number)
            seed = self.queue.seeds[key]
            with self.lock:
                try:
                    choice = Choice(seed, self._sheet(key, seed).version)
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
        names = pile[-1].names if pile else ()
        try:
            step = action(self.desk)
        finally:
            self._renew(names)
        return {"done": printable(step.title), "keys": [key_of(name) for name in step.names], **self._state()}

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
                key, seed = self._seed(given["show"])
                with suppress(DeskError):
                    answer["seed"] = self._shown(key, self._sheet(key, seed))
            return {**answer, **self._state()}

    def _renew(self, names: tuple[str, ...]) -> None:
        for name in dict.fromkeys(names):
            key = key_of(name)
            with suppress(DeskError):
                self._sheet(key, self.queue.seeds[key])

    def _title(self, given: Given, did: str) -> str:
        group = self.queue.group(str(given.get("group", "")))
        what = f"{group.rule}: {group.title}" if group and group.title else group.rule if group else "decisions"
        return f"{did} {what}".strip()

    # --- seeds ---

    def _seed(self, key: object) -> tuple[str, Seed]:
        if not isinstance(key, str) or key not in self.queue.seeds:
            raise WrongError("there is no such seed in the list that was searched")
        return key, self.queue.seeds[key]

    def _sheet(self, key: str, seed: Seed) -> Sheet:
        """A seed as it is now; the queue hears of it."""
        why = refusal(self.desk.archive, seed)
        if why:
            raise DeskError(why)
        found = sheet(self.desk, seed)
        self.queue.renew(entry_of(found.report, has_sidecar(seed), found.settled))
        return found

    def _shown(self, key: str, found: Sheet) -> Given:
        return sheet_entry(found, key, self.queue.alike(found.report.source))

    def _state(self) -> dict[str, Any]:
        done, undone = self.desk.done, self.desk.undone
        return {
            "progress": self.queue.progress(),
            "undo": printable(done[-1].title) if done else None,
            "redo": printable(undone[-1].title) if undone else None,
        }

    def _choices(self, given: Given, *, one: bool = False) -> list[Choice]:
        found = given.get("choices")
        if not isinstance(found, list) or not found or (one and len(found) != 1):
            raise WrongError("choices: expected a list of seeds")
        out = []
        for each in found:
            if not isinstance(each, dict) or not isinstance(each.get("version"), str):
                raise WrongError("choices: expected a key and a version")
            identities = each.get("findings", [])
            if not isinstance(identities, list) or not all(_is_identity(identity) for identity in identities):
                raise WrongError("findings: expected pairs of a rule and a fingerprint")
            _, seed = self._seed(each.get("key"))
            out.append(Choice(seed, each["version"], frozenset((rule, name) for rule, name in identities)))
        if len({choice.seed.name for choice in out}) != len(out):
            raise WrongError("choices: a seed is there twice")
        return out


def _is_of(found: Sheet, finding: Finding, group: Group) -> bool:
    return needs_decision(finding, found.settled) and group == Group(
        finding.severity, finding.rule, title_of(finding), found.report.source
    )


def _is_identity(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(each, str) for each in value)


def _text(given: Given, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise WrongError(f"{name}: expected a text")
    return value


def _number(given: Given, name: str) -> int:
    value = str(given.get(name, "0"))
    if not value.isascii() or not value.isdecimal() or len(value) > 9:
        raise WrongError(f"{name}: expected a number")
    return int(value)


def _day(given: Given) -> date | None:
    value = given.get("until") or None
    if value is None:
        return None
    if isinstance(value, str):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise DeskError(f"{str(value)[:40]} is no day, expected YYYY-MM-DD")


def _wish(given: Given) -> Wish:
    return Wish(*(str(given.get(name, "")) for name in ("source", "rule", "text")))


def _values(given: Given) -> tuple[list[NewValue], str | None]:
    """The values that are vouched for, or the source that is named."""
    source = given.get("source")
    if source is not None:
        return [], _text(given, "source")
    found = given.get("values")
    if not isinstance(found, list) or not 1 <= len(found) <= len(FIELDS):
        raise WrongError("values: expected a list of values")
    out = []
    for each in found:
        if not isinstance(each, dict) or each.get("field") not in FIELDS:
            raise WrongError("values: expected a field of the record")
        value, replaces = each.get("value"), each.get("replaces") or None
        if isinstance(value, list) and all(isinstance(name, str) for name in value) and value:
            value = tuple(value) if len(value) > 1 else value[0]
        if not isinstance(value, str | tuple) or not isinstance(replaces, str | None):
            raise WrongError("values: expected a text, or several names")
        out.append(NewValue(each["field"], value, replaces))
    if len({each.field for each in out}) != len(out):
        raise WrongError("values: a field is there twice")
    return out, None


# --- the application --------------------------------------------------------------------------------------------------


def make_application(desk: Desk, queue: Queue, keys: Keys, report: Callable[[str], None]) -> Application:
    """The application, guarded. `report` is told of faults of the program, in a line each."""
    review = Review(desk, queue)

    async def page(request: Request) -> Response:
        name = _PAGE[request.url.path]
        content = files("validator.review").joinpath("page", name).read_bytes()
        kind = _TYPES.get(name.rpartition(".")[2], "image/svg+xml")
        return Response(content, media_type=kind)

    async def begin(request: Request) -> Response:
        answer = await run_in_threadpool(review.state, {})
        return _json(200, {**answer, "token": keys.token})

    actions: dict[str, dict[str, Callable[[Given], Given]]] = {
        "GET": {
            "progress": review.progress,
            "queue": review.list_queue,
            "neighbour": review.neighbour,
            "seed": review.seed,
            "safe": review.preview_safe,
            "alike": review.alike,
            "all-safe": review.all_safe,
        },
        "POST": {
            "name": review.take_name,
            "check": review.check,
            "carry-out": review.carry_out,
            "accept": review.accept,
            "attest": review.attest,
            "name-source": review.name_source,
            "repair": review.repair,
            "repair-all": review.repair_all,
            "undo": review.undo,
            "redo": review.redo,
        },
    }
    routes = [Route(path, page, methods=["GET"]) for path in _PAGE]
    routes.append(Route("/api/begin", begin, methods=["GET"]))
    for method, named in actions.items():
        routes += [Route(f"/api/{name}", _answer_to(action), methods=[method]) for name, action in named.items()]
    return Guard(Starlette(routes=routes, exception_handlers={Exception: _fault}), keys, report)


async def _fault(request: Request, fault: Exception) -> Response:
    return _problem(500, "fault", "a fault of the program; the terminal says more")


def _answer_to(action: Callable[[Given], Given]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        given: Any = dict(request.query_params)
        if request.method == "POST":
            try:
                given = json.loads(await request.body())
            except (ValueError, RecursionError):
                return _problem(400, "wrong", "the request is not JSON")
            if not isinstance(given, dict):
                return _problem(400, "wrong", "expected an object")
        return await run_in_threadpool(_answered, action, given)

    return answer


def _answered(action: Callable[[Given], Given], given: Given) -> Response:
    try:
        return _json(200, action(given))
    except WrongError as error:
        return _problem(400, "wrong", str(error))
    except NamelessError as error:
        return _problem(422, "name", str(error))
    except StaleError as error:
        return _problem(409, "stale", str(error))
    except DeskError as error:
        return _problem(422, "decision", str(error))


def _problem(status: int, kind: str, message: str) -> Response:
    return _json(status, {"error": printable(message), "kind": kind})


def _json(status: int, content: Given) -> Response:
    return Response(json.dumps(content), status, media_type="application/json")
