"""Who may talk to the page, and what a browser may do with it. Every request is checked here first.

The page is for one person on this machine, but other programs, and other pages in the same browser, can reach the port too. So
every request needs this machine's own host name or number, and a cookie that only the address in the terminal gives. A request
that changes something also needs JSON, the page's own origin, and a token in a header that no other page can read.

Not handled: programs that can read the person's memory or terminal, or that run under the person's own name.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from hmac import compare_digest
from html import escape
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, JSONResponse, Response

from validator.archive.runner import describe_fault
from validator.reports.escaping import printable

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LIMIT_BYTES = 1 << 20  # of a request's body: a decision about some thousand seeds
TOKEN_HEADER = b"x-review-token"
OPENING = "/open"  # the path of the first address
FAULT = "a fault of the program; the terminal says more"

_LEADS_ON = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Review</title>
<meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url={address}"></head>
<body><p><a href="{address}">To the page of validator review</a></p></body></html>
"""

_PROBLEM = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Not shown – Review</title></head>
<body><main><h1>This page cannot be shown</h1><p>{reason}.</p>
<p>The page of <code>validator review</code> works as long as the command runs in the terminal. If it has ended, start it again in
the folder of your archive, and open the address that it prints. Your decisions are kept: each was written at once.</p>
<p><a href="/">To the queue</a></p></main></body></html>
"""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cache-control", b"no-store"),
)


class Keys:
    """The secrets of one sitting. The printed address has `opening`. The browser's file has `ticket`, which opens once."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie_name = f"validator-review-{port}"
        self.opening = secrets.token_urlsafe(32)
        self.ticket = secrets.token_urlsafe(32)
        self.session = secrets.token_urlsafe(32)
        self.token = secrets.token_urlsafe(32)

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a request may call this machine."""
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    def address(self, secret: str) -> str:
        """The address that opens the page."""
        return f"http://127.0.0.1:{self.port}{OPENING}?token={secret}"

    def opens(self, given: str) -> bool:
        """Whether a token from an address opens the page."""
        if _same(given, self.opening):
            return True
        if self.ticket and _same(given, self.ticket):
            self.ticket = ""
            return True
        return False


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


class RefusedError(Exception):
    """A request that is not answered: the status, and the reason in words."""


class Guard:
    """Wraps an application: refuses requests that are not from the page, limits their bodies, and adds the headers.

    `report` gets a line about each fault of the application; the page hears only that there was one.
    """

    def __init__(self, application: Application, keys: Keys, report: Callable[[str], None]) -> None:
        self._application = application
        self._keys = keys
        self._report = report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                ours = {name for name, _ in HEADERS}
                kept = [(name, value) for name, value in message.get("headers", ()) if name.lower() not in ours]
                message["headers"] = [*kept, *HEADERS]
            await send(message)

        try:
            headers = _headers(scope)
            self._check_host(headers)
            if scope["path"] == OPENING:
                await self._opened(scope, headers)(scope, receive, send_with_headers)
                return
            self._check_cookie(headers)
            if scope["method"] not in ("GET", "POST"):
                raise RefusedError(405, "only GET and POST are answered")
            if scope["method"] == "POST":
                self._check_change(headers)
                receive = await _bounded(receive, headers)
            elif headers.get(b"sec-fetch-site", b"none") not in (b"same-origin", b"none"):
                raise RefusedError(403, "the request comes from another page")
            await self._application(scope, receive, send_with_headers)
        except RefusedError as refused:
            if not started:
                status, reason = refused.args
                await refusal_of(scope, status, reason)(scope, receive, send_with_headers)
        except Exception as fault:
            self._report(f"a fault of the program: {describe_fault(fault)}")
            if not started:
                await refusal_of(scope, 500, FAULT)(scope, receive, send_with_headers)

    def _check_host(self, headers: dict[bytes, bytes]) -> None:
        if _read(headers, b"host").lower() not in self._keys.hosts:
            raise RefusedError(421, "this address is not the page's own")

    def _check_cookie(self, headers: dict[bytes, bytes]) -> None:
        cookies = _read(headers, b"cookie").split(";")  # other programs may have set any of them
        if not any(_same(each.strip(), f"{self._keys.cookie_name}={self._keys.session}") for each in cookies):
            raise RefusedError(403, "open the address that `validator review` printed in the terminal")

    def _check_change(self, headers: dict[bytes, bytes]) -> None:
        is_own = _read(headers, b"origin").lower() == f"http://{_read(headers, b'host').lower()}"
        if not is_own or headers.get(b"sec-fetch-site", b"same-origin") != b"same-origin":
            raise RefusedError(403, "the request comes from another page")
        if not _same(_read(headers, TOKEN_HEADER), self._keys.token):
            raise RefusedError(403, "the request does not carry the page's token; reload the page")
        if _read(headers, b"content-type").partition(";")[0].strip().lower() != "application/json":
            raise RefusedError(415, "only JSON is accepted")

    def _opened(self, scope: Scope, headers: dict[bytes, bytes]) -> Response:
        """Exchange the token of the first address for a cookie, and lead on to the page's own address.

        A browser that comes from another page or from a file would not send the cookie after a redirect. It gets a small page
        that leads on instead.
        """
        if scope["method"] != "GET":
            raise RefusedError(405, "only GET is answered here")
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not self._keys.opens(given):
            raise RefusedError(403, "open the address that `validator review` printed in the terminal")
        cookie = {"set-cookie": f"{self._keys.cookie_name}={self._keys.session}; HttpOnly; SameSite=Strict; Path=/"}
        if headers.get(b"sec-fetch-site") == b"none":  # typed in, or from the terminal
            return Response(status_code=303, headers={"location": "/", **cookie})
        return HTMLResponse(leading_to("/"), headers=cookie)


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """The headers of a request. A header that is there twice is refused: two readers could read it differently."""
    out: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in out and name != b"cookie":
            raise RefusedError(400, "a header is there twice")
        out[name] = f"{out[name].decode('latin-1')}; ".encode("latin-1") + value if name in out else value
    return out


async def _bounded(receive: Receive, headers: dict[bytes, bytes]) -> Receive:
    """The body of a request, read to its end. Raises RefusedError if it is too large."""
    too_large = RefusedError(413, f"a request may have {LIMIT_BYTES:,} bytes")
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length) > LIMIT_BYTES:
        raise too_large
    body, has_more = b"", True
    while has_more:
        message = await receive()
        if message["type"] != "http.request":
            raise RefusedError(400, "the request ended early")
        body, has_more = body + message.get("body", b""), message.get("more_body", False)
        if len(body) > LIMIT_BYTES:
            raise too_large
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def read() -> Message:
        return messages.pop() if messages else await receive()

    return read


def leading_to(address: str) -> str:
    """A small page that leads on to an address."""
    return _LEADS_ON.format(address=escape(address))


def _read(headers: dict[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def problem(status: int, kind: str, message: str) -> Response:
    """The answer to a request that was not carried out."""
    return JSONResponse({"error": printable(message), "kind": kind}, status)


def problem_page(status: int, message: str) -> Response:
    """The same for somebody who looks at it: a page."""
    said = escape(printable(message))
    return HTMLResponse(_PROBLEM.format(reason=said[:1].upper() + said[1:]), status)


def refusal_of(scope: Scope, status: int, message: str, kind: str = "refused") -> Response:
    """The answer to a request that is refused: JSON to the page's own script, otherwise a page."""
    is_asked = scope["path"].startswith("/api/") or scope["method"] not in ("GET", "HEAD")
    return problem(status, kind, message) if is_asked else problem_page(status, message)
