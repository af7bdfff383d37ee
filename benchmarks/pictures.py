"""The pictures of the guide and of the lesson on sources: real screens of the program, never with anybody's articles.

    python -m benchmarks.pictures [FOLDER]

Goes through docs/guide.md in an archive of the specimens, from the first look to the commit: each command is called on a
terminal of 80 columns and its output set in its colors, the pages are opened in the headless Chromium of the tests. Then it
points at a value in the captures of docs/sources.md. Writes PNG files of few colors to FOLDER (docs/pictures). They show what
the program says today, and the day; draw them anew when that changes.
"""

from __future__ import annotations

import argparse
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 80
COLORS = 256  # of a picture
LIMIT_BYTES = 120_000

_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_OTHER_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-HJKSThl]|\x1b[=>]|\r")
_INKS = {
    "30": "#3b4252", "31": "#ff9b93", "32": "#9bd8a5", "33": "#f2cd7c",
    "34": "#9cc8ff", "35": "#d8b4f8", "36": "#8fd6e8", "37": "#e6e8ee",
}  # fmt: skip
_PAPER, _INK, _PROMPT = "#16181c", "#e6e8ee", "#9cc8ff"

# name of the picture, the commands, the keys that are pressed when the program asks, and how many lines are shown of each
_ENGLISH = "seeds/mod-gov-cn/as-captured.txt"
_AGENCY = "seeds/chinanews-translated/as-captured.txt"
FIRST: tuple[tuple[str, tuple[str, ...], str, int], ...] = (
    ("install", ("validator --version", "validator --help"), "", 40),
    ("look", (f"validator validate {_ENGLISH}",), "", 31),
    ("repair", (f"validator repair {_ENGLISH}", f"validator history {_ENGLISH}"), "", 20),
    ("decide", ("validator repair --interactive seeds/chinamil-text/as-captured.txt",), "yn", 30),
)
LAST: tuple[tuple[str, tuple[str, ...], str, int], ...] = (
    (
        "attest",
        (
            f'validator attest {_ENGLISH} byline "A. Specimen" --basis "the printed page"',
            f"cat {_ENGLISH}.meta.yaml",
        ),
        "",
        12,
    ),
    ("accept", (f'validator accept {_AGENCY} byline-impersonal --reason "the agency signs"',), "", 12),
    (
        "commit",
        (
            "validator verify seeds",
            "git add --all",
            "git status --short seeds",
            'git commit --quiet -m "The first hour"',
            "git log --oneline --no-decorate",
        ),
        "",
        20,
    ),
)
QUESTION = "Carry it out?"


def main() -> None:
    """Draw them all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "pictures")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(ROOT / "tests"))
    from browser import opened_browser, why_no_browser

    if reason := why_no_browser():
        sys.exit(reason)
    with tempfile.TemporaryDirectory() as scratch, opened_browser() as browser:
        archive = Path(scratch) / "archive"
        environment = prepared(archive, Path(scratch) / "programs")
        drawn = {"report": report(browser, archive, environment)}
        for name, commands, keys, lines in FIRST:
            drawn[name] = terminal(browser, archive, environment, commands, keys, lines)
        drawn |= review(browser, archive, environment)
        for name, commands, keys, lines in LAST:
            drawn[name] = terminal(browser, archive, environment, commands, keys, lines)
        drawn["pointing"] = pointing(browser, Path(scratch) / "lesson", environment)
    for name, picture in drawn.items():
        size = save(picture, folder / f"{name}.png")
        print(f"{name}.png  {size:,} bytes")  # noqa: T201 - a command that says what it did
        if size > LIMIT_BYTES:
            sys.exit(f"{name}.png is larger than {LIMIT_BYTES:,} bytes")


def prepared(archive: Path, programs: Path) -> dict[str, str]:
    """An archive of the specimens under git, and the environment of its curator."""
    shutil.copytree(ROOT / "seeds", archive / "seeds", ignore=shutil.ignore_patterns("README.md"))
    programs.mkdir()
    start = programs / "validator"
    start.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m validator "$@"\n')
    start.chmod(0o755)
    (programs / "gitconfig").write_text("[user]\n\tname = A. Curator\n")
    environment = os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "GIT_CONFIG_GLOBAL": str(programs / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_EMAIL": "curator@example.org",
        "GIT_COMMITTER_EMAIL": "curator@example.org",
        "GIT_PAGER": "cat",
        "TERM": "xterm-256color",
        "COLUMNS": str(COLUMNS),
    }
    environment.pop("NO_COLOR", None)
    for command in ("git init --quiet", "git add --all", 'git commit --quiet -m "As captured"'):
        subprocess.run(["sh", "-c", command], cwd=archive, env=environment, check=True)
    return environment


# --- terminals --------------------------------------------------------------------------------------------------------


def on_a_terminal(command: str, folder: Path, environment: dict[str, str], keys: str) -> str:
    """What a command writes to a terminal; each key is pressed when it asks."""
    process, screen = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.execvpe("sh", ["sh", "-c", f"stty cols {COLUMNS} rows 50; {command}"], environment)  # noqa: S606 - in the child
    written, left = b"", keys
    while True:
        try:
            piece = os.read(screen, 65536)
        except OSError:  # the program has ended
            break
        if not piece:
            break
        written += piece
        asked = written.decode("utf-8", "replace").count(QUESTION)
        if left and asked > len(keys) - len(left):
            os.write(screen, left[0].encode())
            left = left[1:]
    os.waitpid(process, 0)
    os.close(screen)
    return written.decode("utf-8", "replace")


def set_in_colors(text: str) -> str:
    """Terminal output as HTML: bold, dim, reverse, and the eight colors; other commands of a terminal are left out."""
    out: list[str] = []
    state: set[str] = set()
    for at, piece in enumerate(_SGR.split(_OTHER_CONTROLS.sub("", text))):
        if at % 2:
            for code in piece.split(";") or ["0"]:
                if code in ("", "0"):
                    state.clear()
                elif code in _INKS:
                    state = (state - _INKS.keys()) | {code}
                else:
                    state.add(code)
        elif piece:
            ink = next((_INKS[code] for code in state if code in _INKS), _INK)
            style = f"color:{_PAPER};background:{ink}" if "7" in state else f"color:{ink}"
            style += ";font-weight:bold" * ("1" in state) + ";opacity:.65" * ("2" in state)
            out.append(f'<span style="{style}">{escape(piece)}</span>')
    return "".join(out)


def shortened(text: str, lines: int) -> str:
    """The first lines of an output, and a sign that there are more."""
    listed = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    return "\n".join(listed if len(listed) <= lines else [*listed[: lines - 1], "…"])


def terminal(
    browser: Browser, archive: Path, environment: dict[str, str], commands: Sequence[str], keys: str, lines: int
) -> bytes:
    """A picture of commands and what they print."""
    from browser import opened_page

    shown = []
    for command in commands:
        printed = shortened(on_a_terminal(command, archive, environment, keys), lines)
        prompt = f'<span style="color:{_PROMPT}">$</span> <b>{escape(command)}</b>'
        shown.append(f"{prompt}\n{set_in_colors(printed)}".rstrip("\n"))
    with opened_page(browser, width=900) as page:
        page.set_content(
            f"<body style='margin:0'><pre style='box-sizing:content-box;width:{COLUMNS}ch;margin:0;padding:16px 20px;"
            f'background:{_PAPER};color:{_INK};font:15px/1.4 "DejaVu Sans Mono",monospace;white-space:pre-wrap;'
            f"overflow-wrap:anywhere'>{chr(10).join(shown)}</pre></body>"
        )
        return page.locator("pre").screenshot()


# --- pages ------------------------------------------------------------------------------------------------------------


def report(browser: Browser, archive: Path, environment: dict[str, str]) -> bytes:
    """A picture of the HTML report."""
    from browser import opened_page, wait_until

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "report.html"
        subprocess.run(
            ["validator", "validate", "seeds", "--format", "html", "--output", str(place)],
            cwd=archive, env=environment, check=False, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        with opened_page(browser, width=1100, height=1500) as page:
            page.goto(place.as_uri())
            wait_until(page, "document.documentElement.dataset.ready === 'yes'")
            return page.screenshot()


@contextmanager
def served(archive: Path, environment: dict[str, str], *more: str) -> Iterator[str]:
    """The address of the page of an archive, or with `--source` of a schema."""
    process = subprocess.Popen(
        ["validator", "review", "--no-browser", *more],
        cwd=archive, env=environment, stdout=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout:
        try:
            yield process.stdout.readline().partition(" ")[0]
        finally:
            process.terminate()
            process.wait(30)


def review(browser: Browser, archive: Path, environment: dict[str, str]) -> dict[str, bytes]:
    """Pictures of the page on which a curator decides: what there is to decide, and a seed."""
    from browser import opened_page, wait_until

    def still(page: Page) -> bytes:
        page.wait_for_timeout(300)
        return page.screenshot()

    with served(archive, environment) as address, opened_page(browser, width=1280, height=820) as page:
        page.goto(address)
        wait_until(page, "document.getElementById('progress-said').textContent.endsWith('decided')")
        page.wait_for_selector("main h1")
        queue = still(page)
        page.get_by_role("link", name="seeds/chinanews-translated/as-captured.txt", exact=True).click()
        page.wait_for_selector(".seed h1")
        return {"queue": queue, "review": still(page)}


def pointing(browser: Browser, archive: Path, environment: dict[str, str]) -> bytes:
    """A picture of the page that corrects a schema: the writer's name in a capture of the lesson was pointed at."""
    from browser import opened_page, wait_until

    lesson = (ROOT / "docs" / "sources.md").read_text("utf-8")
    for name, text in re.findall(r"(?ms)^```text (captures/\S+)\n(.*?)^```$", lesson):
        (archive / name).parent.mkdir(parents=True, exist_ok=True)
        (archive / name).write_text(text, "utf-8")
    (archive / "validator.toml").touch()
    source = ("--source", "schemas/example-gazette.yaml", "captures/example-gazette")
    with served(archive, environment, *source) as address, opened_page(browser, width=1280, height=900) as page:
        page.goto(address)
        page.wait_for_selector("#rows .row")
        page.fill("#text", "Ada Sample")
        page.click("#is-byline")
        wait_until(page, "document.getElementById('status').textContent.includes('Done: byline')")
        page.wait_for_timeout(300)
        return page.screenshot()


def save(picture: bytes, place: Path) -> int:
    """Write a picture with few colors; its size."""
    with Image.open(BytesIO(picture)) as full:
        full.convert("RGB").quantize(COLORS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            place, optimize=True
        )
    return place.stat().st_size


if __name__ == "__main__":
    main()
