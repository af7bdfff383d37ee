"""`validator repair --interactive`: what is asked, what the keys do, what is written, on a pipe and on a terminal."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Program, pieces_of, put
from test_cli_repair import archive, text_of

__all__ = ["archive"]

TWO = 'The keeper"s line\nand the other"s line\n'
BLANK = 'One blank at its end \nand a keeper"s mark\n'


@pytest.mark.parametrize(
    ("keys", "after"),
    [
        ("y y", ("The keeper's line\nand the other's line\n", "The keeper's line\nand the other's line\n")),
        ("y n n y", ("The keeper's line\nand the other\"s line\n", "The keeper\"s line\nand the other's line\n")),
        ("n n n n", (TWO, TWO)),
        ("a", ("The keeper's line\nand the other's line\n",) * 2),
        ("d", (TWO, TWO)),
        ("y d", ("The keeper's line\nand the other\"s line\n", TWO)),
        ("y s n y", ("The keeper's line\nand the other\"s line\n", "The keeper\"s line\nand the other's line\n")),
        ("s a", (TWO, "The keeper's line\nand the other's line\n")),
        ("y q", ("The keeper's line\nand the other\"s line\n", TWO)),
        ("q", (TWO, TWO)),
        ("y", ("The keeper's line\nand the other\"s line\n", TWO)),  # the input ends there
        ("? x Y yes", ("The keeper's line\nand the other's line\n", TWO)),
    ],
)
@pytest.mark.usefixtures("archive")
def test_keys(program: Program, keys: str, after: tuple[str, str]) -> None:
    put("one.txt", TWO)
    put("two.txt", TWO)
    if keys == "y y":
        keys = "y y y y"
    done = program("repair --interactive one.txt two.txt", stdin="\n".join(keys.split()).encode() + b"\n")
    assert (text_of("one.txt"), text_of("two.txt")) == after
    assert done.code == int('"' in "".join(after))
    events = Path(".validator/events")
    recorded = {path.name for path in events.glob("*.jsonl")} if events.is_dir() else set()
    assert recorded == {f"{name}.txt.jsonl" for name, text in zip(("one", "two"), after, strict=True) if text != TWO}


@pytest.mark.usefixtures("archive")
def test_a_question_shows_where_what_and_what_would_become_of_it(program: Program) -> None:
    put("one.txt", BLANK)
    done = program("repair -i one.txt", stdin=b"n\nq\n")
    assert done.out.startswith(
        "\none.txt  (seed 1 of 1)\n\n  1:21  warning  trailing-whitespace  (1 more question in this"
    )
    assert "    1 - One blank at its end␣\n                            ^\n    1 + One blank at its end\n" in done.out
    assert "    safe: put an apostrophe (')\n" in done.out
    assert "    2 - and a keeper\"s mark\n                    ^\n    2 + and a keeper's mark\n" in done.out
    assert text_of("one.txt") == BLANK


@pytest.mark.usefixtures("archive")
def test_quitting_says_what_was_not_looked_at(program: Program) -> None:
    for name in ("one.txt", "two.txt", "three.txt"):
        put(name, "A line with nothing to mend.\n" if name == "three.txt" else TWO)
    done = program("repair -i one.txt two.txt three.txt", stdin=b"q\n")
    assert "2 seeds not looked at" in done.err
    assert done.code == 1


@pytest.mark.usefixtures("archive")
def test_what_the_run_does_not_show_is_not_asked(program: Program) -> None:
    put("one.txt", BLANK)
    done = program("repair -i --ignore trailing-whitespace one.txt", stdin=b"y\n")
    assert "trailing-whitespace" not in done.out
    assert text_of("one.txt") == BLANK.replace('"', "'")


@pytest.mark.usefixtures("archive")
def test_all_answers_of_a_seed_are_one_event_which_can_be_undone(program: Program) -> None:
    put("one.txt", BLANK)
    assert program("repair -i one.txt", stdin=b"y\ny\n").code == 0
    assert Path(".validator/events/one.txt.jsonl").read_bytes().count(b"\n") == 1
    assert program("verify one.txt").code == 0
    assert program("undo --last").code == 0
    assert text_of("one.txt") == BLANK


@pytest.mark.parametrize("option", ["--diff", "--to copies", "--unsafe", "-"])
@pytest.mark.usefixtures("archive")
def test_what_interactive_goes_without(program: Program, option: str) -> None:
    put("one.txt", TWO)
    done = program(f"repair --interactive one.txt {option}")
    assert done.code == 2
    assert "--interactive asks about each fix" in done.err


def test_a_seed_changed_while_it_is_asked_about_is_left_alone(archive: Path) -> None:
    put("one.txt", TWO)
    with subprocess.Popen(
        [sys.executable, "-m", "validator", "repair", "-i", "one.txt"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=archive,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        shown = b""
        while b"Carry it out?" not in shown:
            shown += os.read(process.stdout.fileno(), 4096)
        put("one.txt", "Somebody else was here.\n")
        _, err = process.communicate(b"a\n")
    assert text_of("one.txt") == "Somebody else was here.\n"
    assert b"one.txt was left as it was: " in err
    assert process.returncode == 1


Terminal = Callable[[Callable[[int, "Waiting"], None]], tuple[int, str]]
Waiting = Callable[[bytes], None]


@pytest.fixture
def terminal(archive: Path) -> Terminal:
    """The program on a terminal of 80 columns, which asks about two seeds, and a person who presses keys."""
    put("one.txt", TWO)
    put("two.txt", TWO)

    def run(press: Callable[[int, Waiting], None]) -> tuple[int, str]:
        process, ours = pty.fork()
        if process == 0:
            os.chdir(archive)
            os.environ["TERM"] = "xterm"
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a run in the background ignores Ctrl-C, and hands that on
            os.execv(sys.executable, [sys.executable, "-m", "validator", "repair", "-i", "one.txt", "two.txt"])
        seen = bytearray()

        def wait_for(text: bytes) -> None:
            pieces = pieces_of(ours, 60)
            while text not in seen:
                piece = next(pieces, None)
                assert piece is not None, bytes(seen)
                seen.extend(piece)
            del seen[: seen.index(text) + len(text)]

        press(ours, wait_for)
        shown = bytes(seen) + b"".join(pieces_of(ours))
        _, status = os.waitpid(process, 0)
        os.close(ours)
        return os.waitstatus_to_exitcode(status), shown.decode("utf-8", "replace")

    return run


def test_on_a_terminal_one_key_answers_and_the_change_is_in_color(terminal: Terminal) -> None:
    def press(keyboard: int, wait_for: Waiting) -> None:
        for key in (b"y", b"n", b"y"):
            wait_for(b'\x1b[31m\x1b[7m"\x1b[0m')
            wait_for(b"Carry it out?")
            os.write(keyboard, key)
        wait_for(b"Carry it out?")
        os.write(keyboard, b"q")

    code, _ = terminal(press)
    assert code == 1
    assert (text_of("one.txt"), text_of("two.txt")) == (
        "The keeper's line\nand the other\"s line\n",
        "The keeper's line\nand the other\"s line\n",
    )


def test_a_key_pressed_before_the_question_answers_nothing(terminal: Terminal) -> None:
    def press(keyboard: int, wait_for: Waiting) -> None:
        os.write(keyboard, b"aaaaaaaa")
        wait_for(b"Carry it out?")
        os.write(keyboard, b"q")

    assert terminal(press)[0] == 1
    assert (text_of("one.txt"), text_of("two.txt")) == (TWO, TWO)


def test_ctrl_c_leaves_the_seed_at_hand_and_keeps_what_was_written(terminal: Terminal) -> None:
    def press(keyboard: int, wait_for: Waiting) -> None:
        for key in (b"y", b"y", b"y"):
            wait_for(b"Carry it out?")
            os.write(keyboard, key)
        wait_for(b"Carry it out?")
        os.write(keyboard, b"\x03")

    code, shown = terminal(press)
    assert code == 130
    assert "interrupted" in re.sub(r"\s+", " ", shown)
    assert (text_of("one.txt"), text_of("two.txt")) == ("The keeper's line\nand the other's line\n", TWO)
