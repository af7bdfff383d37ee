"""Requests of a page and the answers to them: JSON both ways, each checked before anything is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.resources import files
from typing import Any, NamedTuple

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from validator.review.security import FAULT, Application, Guard, Keys, problem, refusal_of

Given = Mapping[str, Any]
"""The fields of a request."""
Refusals = Mapping[type[Exception], tuple[int, str]]
"""Errors that are an answer, with their HTTP status and their kind."""

_TYPES = {"css": "text/css", "js": "text/javascript", "html": "text/html", "svg": "image/svg+xml"}


class WrongError(Exception):
    """A request that the page never sends."""


class Action(NamedTuple):
    """What a page may ask for: the method, what the sitting answers, and the fields that a request must have."""

    method: str
    answer: Callable[[Any, Given], Given]
    needed: tuple[str, ...]


class Served(NamedTuple):
    """A page: its files by path, its actions by name, what it needs first, and how errors are told.

    `expected` has the JSON Schema of each field: it means the same in every request.
    """

    pages: Mapping[str, str]
    actions: Mapping[str, Action]
    begin: Callable[[Any, Given], Given]
    expected: Mapping[str, Any]
    refusals: Refusals


def application(served: Served, sitting: Any, keys: Keys, report: Callable[[str], None]) -> Application:
    """The application of a page with its guard. `report` gets a line about each fault of the program."""
    from jsonschema import Draft202012Validator

    checker = Draft202012Validator({"type": "object", "properties": served.expected})

    async def page(request: Request) -> Response:
        name = served.pages[request.url.path]
        own = files("validator.review").joinpath("page", name)
        shared = files("validator.reports").joinpath("page", name)  # what the page has in common with a report
        content = (own if own.is_file() else shared).read_bytes()
        return Response(content, media_type=_TYPES[name.rpartition(".")[2]])

    async def begin(request: Request) -> Response:
        answer = await run_in_threadpool(served.begin, sitting, {})
        return JSONResponse({**answer, "token": keys.token})

    routes = [Route(path, page, methods=["GET"]) for path in served.pages]
    routes.append(Route("/api/begin", begin, methods=["GET"]))
    for name, action in served.actions.items():
        answered = partial(_answered, served, checker, action, sitting)
        routes.append(Route(f"/api/{name}", _answer_to(answered), methods=[action.method]))
    return Guard(
        Starlette(routes=routes, exception_handlers={HTTPException: _refused, Exception: _fault}), keys, report
    )


async def _fault(request: Request, fault: Exception) -> Response:
    return refusal_of(request.scope, 500, FAULT, "fault")


async def _refused(request: Request, refused: Exception) -> Response:
    status = refused.status_code if isinstance(refused, HTTPException) else 404
    reason = (
        "there is nothing at this address"
        if status == 404
        else "only GET and POST are answered, each at its own address"
    )
    return refusal_of(request.scope, status, reason)


def _answer_to(answered: Callable[[Any], Response]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        given: Any = dict(request.query_params)
        if request.method == "POST":
            try:
                given = json.loads(await request.body())
            except (ValueError, RecursionError):
                return problem(400, "wrong", "the request is not JSON")
        return await run_in_threadpool(answered, given)

    return answer


def _answered(served: Served, checker: Any, action: Action, sitting: Any, given: Any) -> Response:
    refusals: Refusals = {WrongError: (400, "wrong"), **served.refusals}
    try:
        error = next(checker.iter_errors(given), None)
        if error is not None:
            place = "/".join(map(str, error.absolute_path)) or "the request"
            raise WrongError(f"{place} is not what this page sends")
        missing: Sequence[str] = [name for name in action.needed if name not in given]
        if missing:
            raise WrongError(f"the request lacks {', '.join(missing)}")
        return JSONResponse(action.answer(sitting, given))
    except tuple(refusals) as refused:
        status, kind = next(refusals[each] for each in type(refused).__mro__ if each in refusals)
        return problem(status, kind, str(refused))
