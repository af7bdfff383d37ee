"""The server of the page, on this machine only, for as long as the curator works."""

from __future__ import annotations

import os
import signal
import socket
import sys
import webbrowser
from collections.abc import Callable, Sequence
from types import FrameType

from validator.desk import Desk
from validator.errors import ConfigError
from validator.files import Seed, system_reason
from validator.review.queue import Queue
from validator.review.search import Search
from validator.review.security import Keys

HOST = "127.0.0.1"


def serve(
    desk: Desk, seeds: Sequence[Seed], port: int, *, opens_browser: bool, say: Callable[[str], None],
    complain: Callable[[str], None],
) -> None:  # fmt: skip
    """Serve the page until Ctrl-C. `port` 0 is any that is free; `say` gets the address, `complain` faults of the program.

    Raises ConfigError where the port cannot be had.
    """
    queue = Queue(seeds)
    search = Search(
        desk.archive, seeds, queue
    )  # before anything starts a thread, and before there is a port to inherit
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        with _bound(port) as listener:
            listener.listen(128)
            import uvicorn

            from validator.review.app import make_application

            keys = Keys(listener.getsockname()[1])
            settings = uvicorn.Config(
                make_application(desk, queue, keys, complain), http="h11", ws="none", lifespan="off", interface="asgi3",
                log_config=None, access_log=False, server_header=False, proxy_headers=False, timeout_graceful_shutdown=1,
            )  # fmt: skip
            search.begin()
            say(keys.address(keys.opening))
            if opens_browser and _has_window():
                webbrowser.open(keys.address(keys.ticket))
            uvicorn.Server(settings).run(sockets=[listener])
    except KeyboardInterrupt:
        pass  # it is how a sitting ends
    finally:
        search.end()
        signal.signal(signal.SIGTERM, before)


def _bound(port: int) -> socket.socket:
    # With the protocol named, asyncio lets what is written go at once; without it each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise ConfigError(f"port {port} cannot be had: {system_reason(error)}; without --port any is taken") from None
    return listener


def _has_window() -> bool:
    """Whether a browser would open in a window: one that opens in the terminal takes it away from the program."""
    if os.environ.get("BROWSER"):
        return True
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _leave(signal_number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signal_number)
