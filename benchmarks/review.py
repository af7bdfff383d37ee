"""How fast the page of `validator review` answers on a large archive: the command itself, asked as a browser asks it.

    python benchmarks/review.py [--seeds 20000] [--decisions 50] [--posts DIR] [--safe]

The archive is made of the specimens as captured, each with a line of its own, all of them in need of decisions; with --posts, of
copies of the posts in a folder, each under a name and with a line of its own. With --safe, the safe repairs of all seeds are
carried out before the decisions, so that thousands of seeds are on record. The targets: the queue with its first entries within
2 s after the command was called, while the search goes on; the queue with all entries within 2 s; a decision within 100 ms.
Prints what was measured, and exits with 1 if a target was missed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SPECIMENS = ROOT / "seeds"
QUEUE_SECONDS = 2.0
DECISION_SECONDS = 0.1


class Server:
    """The command, and a connection to it."""

    def __init__(self, archive: Path) -> None:
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "validator", "review", "--no-browser", "--by", "A. Curator"],
            cwd=archive, stdout=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip
        assert self.process.stdout is not None
        address = self.process.stdout.readline().partition(" ")[0]
        self.host, _, path = address.removeprefix("http://").partition("/")
        self.connection = HTTPConnection(self.host, timeout=120)
        self.connection.request("GET", f"/{path}")
        answer = self.connection.getresponse()
        answer.read()
        self.headers = {"Cookie": str(answer.getheader("set-cookie")).partition(";")[0]}
        self.token = self.ask("begin")["token"]

    def ask(self, what: str) -> Any:
        """Look at something."""
        self.connection.request("GET", f"/api/{what}", headers=self.headers)
        return self._answer()

    def tell(self, what: str, **told: Any) -> Any:
        """Decide something."""
        headers = self.headers | {
            "Origin": f"http://{self.host}", "X-Review-Token": self.token, "Content-Type": "application/json",
        }  # fmt: skip
        self.connection.request("POST", f"/api/{what}", json.dumps(told), headers)
        return self._answer()

    def _answer(self) -> Any:
        answer = self.connection.getresponse()
        said = json.loads(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {said}")
        return said

    def end(self) -> None:
        """End the command."""
        self.process.terminate()
        self.process.wait(60)
        if self.process.stdout is not None:
            self.process.stdout.close()


def copy_posts(folder: Path, number: int, posts: Path) -> None:
    """Fill a folder with copies of posts, each in turn."""
    texts = [(path.stem, path.suffix, path.read_bytes()) for path in sorted(posts.glob("*-*.md"))]
    for index in range(number):
        name, suffix, text = texts[index % len(texts)]
        place = folder / "_posts" / f"{index // 1000:03}"
        place.mkdir(parents=True, exist_ok=True)
        copy = text.rstrip(b"\n") + f"\n<p>Copy number {index}.</p>\n".encode()
        (place / f"{name}-{index:06}{suffix}").write_bytes(copy)


def make_archive(folder: Path, number: int) -> None:
    """Fill a folder with seeds, a thousand a folder of each source."""
    captured = sorted(SPECIMENS.glob("*/as-captured*"))
    texts = [(path.parent.name, path.suffix, path.read_bytes()) for path in captured]
    for index in range(number):
        source, suffix, text = texts[index % len(texts)]
        place = folder / source / f"{index // 5000:03}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{index:06}{suffix}").write_bytes(text.rstrip(b"\n") + f"\nSpecimen number {index}.\n".encode())


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """How long something took, and what came of it."""
    began = time.perf_counter()
    result = action()
    return time.perf_counter() - began, result


def measure(archive: Path, decisions: int, repairs: bool) -> list[tuple[str, float, float | None]]:
    """What was measured: what, the seconds, and the seconds that it may take."""
    server = Server(archive)
    try:
        out: list[tuple[str, float, float | None]] = []
        listening = time.perf_counter() - server.began
        while not (said := server.ask("queue"))["items"]:
            time.sleep(0.01)
        out.append(("the command listens", listening, None))
        out.append(("the queue with its first entries", time.perf_counter() - server.began, QUEUE_SECONDS))
        slowest = 0.0
        while not said["progress"]["complete"]:
            seconds, said = timed(lambda: server.ask("queue"))
            slowest = max(slowest, seconds)
            time.sleep(0.5)
        out.append(("the queue, slowest while the search goes on", slowest, QUEUE_SECONDS))
        out.append(
            (f"the search through {said['progress']['seeds']:,} seeds", time.perf_counter() - server.began, None)
        )
        out.append(("the queue with all entries, first time", timed(lambda: server.ask("queue"))[0], QUEUE_SECONDS))
        out.append(("the queue, a text sought", timed(lambda: server.ask("queue?text=0123"))[0], QUEUE_SECONDS))
        middle = said["total"] // 2 // 100 * 100
        out.append(("the queue, its middle", timed(lambda: server.ask(f"queue?offset={middle}"))[0], QUEUE_SECONDS))
        if repairs:
            out.append(("all safe repairs", timed(lambda: repair_all(server))[0], None))
            said = server.ask("queue")
        out += decided(server, said["items"], decisions)
        out.append(("the queue after a decision", timed(lambda: server.ask("queue"))[0], QUEUE_SECONDS))
    finally:
        server.end()
    return out


def repair_all(server: Server) -> None:
    """Carry out the safe repairs of all seeds, as the page does."""
    after: str | None = ""
    while after is not None:
        after = server.tell("repair-all", after=after, goes_on=after != "")["after"]


def decided(server: Server, items: list[Any], number: int) -> list[tuple[str, float, float | None]]:
    """The median and the longest of decisions of each kind, each with the seed as it then is in the answer."""
    took: dict[str, list[float]] = {}

    def keep(name: str, action: Callable[..., Any], *arguments: Any, **told: Any) -> Any:
        seconds, said = timed(lambda: action(*arguments, **told))
        took.setdefault(name, []).append(seconds)
        return said

    value = [{"field": "publisher", "value": "A paper of this example"}]
    for item in items[:number]:
        key = item["key"]
        seed = keep("a seed is opened", server.ask, f"seed?key={key}")
        choice = {"key": key, "version": seed["version"]}
        found = next((each for each in seed["findings"] if each["needs"] and each["acceptable"]), None)
        if found is None:
            continue
        choices = [choice | {"findings": [found["id"]]}]
        seed = keep("a finding is accepted", server.tell, "accept", reason="so in print", choices=choices, show=key)[
            "seed"
        ]
        keep("a value is checked as it is written", server.tell, "check", key=key, values=value)
        choices = [choice | {"version": seed["version"]}]
        vouched = keep(
            "a value is vouched for", server.tell, "attest", basis="x", values=value, choices=choices, show=key
        )
        seed = vouched["seed"]
        fixes = [each for each in seed["findings"] if each["fix"] and each["status"] == "open"]
        fixes = [each for each in fixes if each["fix"]["applicability"] != "display"]
        if fixes:
            choices = [choice | {"version": seed["version"], "findings": [fixes[0]["id"]]}]
            keep("a proposal is carried out", server.tell, "carry-out", choices=choices, show=key)
        keep("a decision is undone", server.tell, "undo")
        keep("a decision is done again", server.tell, "redo")
    out: list[tuple[str, float, float | None]] = []
    for what, seconds in took.items():
        out.append((f"{what}, median", statistics.median(seconds), DECISION_SECONDS))
        out.append((f"{what}, longest", max(seconds), None))
    return out


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20_000)
    parser.add_argument("--decisions", type=int, default=50)
    parser.add_argument("--posts", type=Path, help="a folder of posts to make copies of")
    parser.add_argument("--safe", action="store_true", help="carry out all safe repairs before the decisions")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        if options.posts is not None:
            copy_posts(folder / "archive", options.seeds, options.posts)
        else:
            make_archive(folder / "archive", options.seeds)
        missed = 0
        for what, seconds, limit in measure(folder / "archive", options.decisions, options.safe):
            is_missed = limit is not None and seconds > limit
            missed += is_missed
            aim = f"  (at most {limit:g} s{': MISSED' if is_missed else ''})" if limit is not None else ""
            print(f"{seconds:9.3f} s  {what}{aim}")  # noqa: T201
    finally:
        shutil.rmtree(folder)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
