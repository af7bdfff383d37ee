"""The server of the page, on this machine only, for as long as the curator works."""

from __future__ import annotations

import os
import signal
import socket
import stat
import sys
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING

from validator.archive.reading import system_reason
from validator.archive.seeds import Seed
from validator.review.desk import Desk
from validator.review.queue import Queue
from validator.review.search import Search
from validator.review.security import Application, Keys, leading_to
from validator.text.errors import ConfigError

if TYPE_CHECKING:
    import uvicorn

HOST = "127.0.0.1"


def serve(
    desk: Desk, seeds: Sequence[Seed], port: int, *, opens_browser: bool, say: Callable[[str], None],
    complain: Callable[[str], None],
) -> None:  # fmt: skip
    """Serve the page until Ctrl-C. `port` 0 is any that is free; `complain` gets faults of the program, a line each.

    `say` gets lines for the terminal, the address of the page first. Raises ConfigError if the port cannot be used.
    """
    queue = Queue(seeds)
    search = Search(desk.archive, seeds, queue, desk.beside)  # before any thread, and before there is a port to inherit

    def made(keys: Keys) -> Application:
        from validator.review.app import make_application

        return make_application(desk, queue, keys, complain)

    try:
        serve_application(made, port, opens_browser=opens_browser, say=say, begin=search.begin)
    finally:
        search.end()


def serve_application(
    made: Callable[[Keys], Application], port: int, *, opens_browser: bool, say: Callable[[str], None],
    begin: Callable[[], object] = lambda: None,
) -> None:  # fmt: skip
    """Serve an application until Ctrl-C; `begin` is called once it is there. Raises ConfigError if the port cannot be used."""
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        with _bound(port) as listener, ExitStack() as until_the_end:
            listener.listen(128)
            keys = Keys(listener.getsockname()[1])
            server = server_of(made(keys))
            begin()
            say(f"{keys.address(keys.opening)}  (Ctrl-C ends it)")
            if opens_browser and _has_window():
                path = until_the_end.enter_context(opening_file(keys.address(keys.ticket)))
                # Beside the server: some browsers are waited for until they end.
                Thread(target=_open_browser, args=(path, say), daemon=True).start()
            server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass  # it is how a sitting ends
    finally:
        signal.signal(signal.SIGTERM, before)


def server_of(application: Application) -> uvicorn.Server:
    """The server of an application."""
    import uvicorn

    from validator.review.waiting import Impatient

    settings = uvicorn.Config(
        application, http=Impatient, ws="none", lifespan="off", interface="asgi3", log_config=None, access_log=False,
        server_header=False, proxy_headers=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    return uvicorn.Server(settings)


@contextmanager
def opening_file(address: str) -> Iterator[Path]:
    """A file that leads a browser on to an address and that only this user can read; it is gone when the block ends.

    All users can read the command line of a browser. With this file it does not hold the token of the address.
    """
    with TemporaryDirectory(prefix="validator-review-", dir=_private_folder()) as folder:  # of mode 0700
        path = Path(folder, "open.html")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(leading_to(address))
        yield path


def _private_folder() -> str | None:
    """The user's folder for files of a session, which is cleared at its end; None if there is none."""
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    try:
        found = Path(folder).stat()
    except (OSError, ValueError):
        return None
    is_own = (
        Path(folder).is_absolute()
        and stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.getuid()
        and not stat.S_IMODE(found.st_mode) & 0o077
    )
    return folder if is_own and os.access(folder, os.W_OK) else None


def _open_browser(path: Path, say: Callable[[str], None]) -> None:
    """Start a browser on the file that leads to the page, and say what to do if that fails."""
    say(
        "A browser is started. If it shows no page, or says that it cannot find or read a file, open the address above by hand: "
        "browsers that were installed as a snap or a flatpak cannot read every folder."
    )
    if not webbrowser.open(path.as_uri()):
        say("No browser could be started. Open the address above by hand.")


def _bound(port: int) -> socket.socket:
    # With the protocol named, asyncio sends an answer at once; without it each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"port {port} cannot be used: {system_reason(error)}; without --port any free one is used"
        ) from None
    return listener


def _has_window() -> bool:
    """Whether a browser would open in a window. One that opens in the terminal would take the terminal over."""
    if os.environ.get("BROWSER"):
        return True
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _leave(signal_number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signal_number)
