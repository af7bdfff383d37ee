"""How long the server waits for a client. It closes connections that send nothing or half a request, or read no answer.

uvicorn closes a connection that is idle after an answer, but waits forever for the rest of a request, and for a client that does
not read. Any program of this machine can open connections, and must not use up those that the page needs.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS = 10.0  # from a request's first byte, or from the connection's beginning, to the request's last byte
READING_SECONDS = 30.0  # without reading anything of an answer
WAITING_AT_ONCE = 100  # connections; of more, the one that has waited longest is closed


class Impatient(H11Protocol):
    """A connection that is closed when its client keeps the server waiting."""

    _waiting: dict[Impatient, None] = {}  # noqa: RUF012 - those with a request to come, oldest first, of all connections
    _request_due: asyncio.TimerHandle | None = None
    _reading_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A client is there; its request is due."""
        super().connection_made(transport)
        self._expect_request()

    def data_received(self, data: bytes) -> None:
        """A part of a request; the rest is due from its first part on, however often more of it comes."""
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._expect_request()
        else:
            self._expect_nothing()

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        super().pause_writing()
        self._reading_due = self.loop.call_later(READING_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has read."""
        if self._reading_due is not None:
            self._reading_due.cancel()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone, or was sent away."""
        self._expect_nothing()
        if self._reading_due is not None:
            self._reading_due.cancel()
        super().connection_lost(exc)

    def _expect_request(self) -> None:
        if self._request_due is not None:
            return
        self._request_due = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)
        self._waiting[self] = None
        if len(self._waiting) > WAITING_AT_ONCE:
            oldest = next(iter(self._waiting))
            oldest._expect_nothing()
            oldest.transport.abort()

    def _expect_nothing(self) -> None:
        if self._request_due is not None:
            self._request_due.cancel()
            self._request_due = None
            del self._waiting[self]
