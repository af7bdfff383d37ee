"""Who may talk to the page, and what a browser may do with it: held against every request before anything else looks at it.

The page is for one person on this machine. Other programs of the machine, and every page that is open in the same browser, can
reach the port as well, so: the host must be this machine's own by number or name (no other name that leads here); a cookie that
only the address printed in the terminal gives; and for whatever changes something, besides, JSON, the page's own origin and a
token in a header that no other page can read.

Not handled: who can read the memory or the terminal of the person, and programs that run under the person's own name.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qs

from validator.archive.runner import describe_fault

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LIMIT_BYTES = 1 << 20  # of a request's body: a decision about some thousand seeds
TOKEN_HEADER = b"x-review-token"
OPENING = "/open"  # the path of the first address

_LEADS_ON = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Review</title><meta http-equiv="refresh" content="0; url=/"></head>
<body><p><a href="/">To the page</a></p></body></html>
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
    """The secrets of one sitting. `opening` is in the address that is printed, `ticket` in the file that a browser is started on:
    it opens the page once.
    """

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
    """A request that is not answered; the status, and why in words."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Guard:
    """Wraps an application: refuses requests that are not from the page, bounds their bodies, and adds the headers.

    `report` is told of a fault of the application, in a line; the page hears only that there was one.
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
                await self._open(scope, send_with_headers)
                return
            self._check_cookie(headers)
            if scope["method"] not in ("GET", "POST"):
                raise RefusedError(405, "only GET and POST are answered")
            if scope["method"] == "POST":
                self._check_change(headers)
                receive = await _bounded(receive, headers)
            elif headers.get(b"sec-fetch-site", b"none") not in (b"same-origin", b"none"):
                raise RefusedError(403, "the page is asked for by another one")
            await self._application(scope, receive, send_with_headers)
        except RefusedError as refused:
            if not started:
                await _answer(send_with_headers, refused.status, refused.reason)
        except Exception as fault:
            self._report(f"a fault of the program: {describe_fault(fault)}")
            if not started:
                await _answer(send_with_headers, 500, "a fault of the program; the terminal says more")

    def _check_host(self, headers: dict[bytes, bytes]) -> None:
        if headers.get(b"host", b"").decode("latin-1").lower() not in self._keys.hosts:
            raise RefusedError(421, "this address is not the page's own")

    def _check_cookie(self, headers: dict[bytes, bytes]) -> None:
        cookies = headers.get(b"cookie", b"").decode("latin-1").split(";")  # others of this machine may hold anything
        if not any(_same(each.strip(), f"{self._keys.cookie_name}={self._keys.session}") for each in cookies):
            raise RefusedError(403, "open the address that `validator review` printed in the terminal")

    def _check_change(self, headers: dict[bytes, bytes]) -> None:
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if headers.get(b"origin", b"").decode("latin-1").lower() != f"http://{host}":
            raise RefusedError(403, "the request comes from another page")
        if headers.get(b"sec-fetch-site", b"same-origin") != b"same-origin":
            raise RefusedError(403, "the request comes from another page")
        if not _same(headers.get(TOKEN_HEADER, b"").decode("latin-1"), self._keys.token):
            raise RefusedError(403, "the request does not carry the page's token; reload the page")
        if headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower() != "application/json":
            raise RefusedError(415, "only JSON is taken")

    async def _open(self, scope: Scope, send: Send) -> None:
        """Exchange the token of the first address for a cookie, and lead on to an address without it.

        A browser that comes from another page, or from a file, would not send the cookie along if it were redirected. It gets a
        page of ours that leads on, from which it does.
        """
        if scope["method"] != "GET":
            raise RefusedError(405, "only GET is answered here")
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not self._keys.opens(given):
            raise RefusedError(403, "open the address that `validator review` printed in the terminal")
        cookie = f"{self._keys.cookie_name}={self._keys.session}; HttpOnly; SameSite=Strict; Path=/"
        if _headers(scope).get(b"sec-fetch-site") == b"none":  # typed in, or from the terminal
            await _answer(send, 303, "", ((b"location", b"/"), (b"set-cookie", cookie.encode())))
            return
        kind = ((b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(_LEADS_ON)).encode()))
        headers = [*kind, (b"set-cookie", cookie.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": _LEADS_ON})


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """The headers of a request. One that is there twice is refused: two readers could take it for two things."""
    out: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in out and name != b"cookie":
            raise RefusedError(400, "a header is there twice")
        out[name] = f"{out[name].decode('latin-1')}; ".encode("latin-1") + value if name in out else value
    return out


async def _bounded(receive: Receive, headers: dict[bytes, bytes]) -> Receive:
    """The body of a request, read to its end. Raises RefusedError where it is larger than it may be."""
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or int(length) > LIMIT_BYTES:
        raise RefusedError(413, f"a request may have {LIMIT_BYTES:,} bytes")
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise RefusedError(400, "the request ended early")
        body += message.get("body", b"")
        if len(body) > LIMIT_BYTES:
            raise RefusedError(413, f"a request may have {LIMIT_BYTES:,} bytes")
        if not message.get("more_body"):
            break
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def read() -> Message:
        return messages.pop() if messages else await receive()

    return read


async def _answer(send: Send, status: int, reason: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    body = json.dumps({"error": reason, "kind": "refused"}).encode() if reason else b""
    kind = ((b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": [*kind, *headers]})
    await send({"type": "http.response.body", "body": body})
