"""`validator repair --interactive`: a person decides fix by fix, in the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click

from validator.cli.terminal import has_color, paragraph, paragraphs, width_for
from validator.parsing.decoding import decoded_as
from validator.repairs.deciding import Kind, Line, Repair, Sitting, carry_out, decline, kind_of, passage, questions
from validator.repairs.repairing import Repaired
from validator.reports.display import fitted, width_of
from validator.reports.escaping import guarded, printable
from validator.reports.words import counted
from validator.text.findings import Applicability, Edit, Finding, SeedReport

MOST_LINES = 6  # shown of a passage before and after; of a longer one, the first and the last three
_KEYS = {
    "y": "yes, carry it out",
    "n": "no, leave it as it is",
    "a": "yes to this and to all like it in this source: the same rule, the same change",
    "d": "no to this and to all like it in this source",
    "s": "skip the rest of this seed; what was answered is carried out",
    "q": "quit; what was answered is carried out, all else stays as it is",
    "?": "this list",
}
_WHAT = {
    Applicability.SAFE: "safe",
    Applicability.UNSAFE: "proposal, needs your decision",
}


class Asking:
    """The questions of one run: the answers for all of a kind, and whether the person has quit."""

    def __init__(self, seeds: int, is_wanted: Callable[[str, Finding], bool]) -> None:
        self._seeds = seeds
        self._is_wanted = is_wanted
        self._for_all: dict[Kind, bool] = {}
        self._number = 0
        self.has_quit = False

    def decide(self, name: str, data: bytes, before: SeedReport, repair: Repair) -> Repaired:
        """Ask about every fix of one seed; the repair that the answers give. Nothing is written."""
        self._number += 1
        sitting = Sitting(data, before)
        is_headed = False
        while not self.has_quit:
            open_ones = [each for each in questions(sitting) if self._is_wanted(name, each)]
            if not open_ones:
                break
            finding = open_ones[0]
            kind = kind_of(sitting.report, finding)
            answer = self._for_all.get(kind)
            if answer is not False and not is_headed:
                click.echo("")
                click.echo(
                    _styled(guarded(printable(name)), bold=True) + f"  (seed {self._number:,} of {self._seeds:,})"
                )
                is_headed = True
            if answer is None:
                _show(sitting, finding, len(open_ones) - 1)
                key = _answer()
                if key in ("q", "s"):
                    self.has_quit = key == "q"
                    break
                answer = key in ("y", "a")
                if key in ("a", "d"):
                    self._for_all[kind] = answer
            elif answer:
                place = f"{finding.start.line}:{finding.start.column}"
                click.echo(printable(f"  {place}  {finding.rule}: {kind.title}, as you said of all like it"))
            sitting = _answered(sitting, finding, answer, repair)
        return sitting.repaired


def _show(sitting: Sitting, finding: Finding, others: int) -> None:
    """Show one question: where, what is wrong, what the fix would do."""
    fix = finding.fix
    if fix is None:
        return
    more = f"  ({counted(others, 'more question')} in this seed)" if others else ""
    severity = _styled(finding.severity, fg={"error": "red", "warning": "yellow"}.get(finding.severity, "cyan"))
    click.echo(f"\n  {finding.start.line}:{finding.start.column}  {severity}  {printable(finding.rule)}{more}")
    paragraph(finding.message, "    ")
    lines = [f"{_WHAT[fix.applicability]}: {fix.title}"]
    if fix.recode is not None:
        lines.append(f"the bytes are written anew as {fix.recode}; the text stays the same")
    if fix.lift is not None:
        lines.append(f"the sidecar will say: {fix.lift.field} {fix.lift.value}")
    paragraphs(lines, "    ", "      ")
    _show_change(decoded_as(sitting.current, sitting.repaired.report.encoding).text, fix.edits)


def _show_change(text: str, edits: tuple[Edit, ...]) -> None:
    """Print the lines that edits change, before and after, with the difference in color, or marked below."""
    before, after = passage(text, edits)
    column = max((len(str(line.number)) for line in (*before, *after)), default=1)
    for sign, color, lines in (("-", "red", before), ("+", "green", after)):
        if len(lines) <= MOST_LINES:
            _show_lines(lines, sign, color, column)
        else:
            half = MOST_LINES // 2
            _show_lines(lines[:half], sign, color, column)
            click.echo(f"    {'':{column}}   … {counted(len(lines) - 2 * half, 'line')} …")
            _show_lines(lines[-half:], sign, color, column)


def _show_lines(lines: tuple[Line, ...], sign: str, color: str, column: int) -> None:
    colored = has_color(sys.stdout)
    for line in lines:
        lead = f"    {line.number:{column}} {sign if line.is_changed else ' '} "
        pieces = fitted(line.pieces, width_for(sys.stdout) - len(lead) - 1)
        if colored:
            shown = "".join(click.style(text, fg=color, reverse=True) if flag else text for text, flag in pieces)
            click.echo(click.style(lead, fg=color) + shown)
            continue
        click.echo(lead + "".join(text for text, _ in pieces))
        carets = "".join(("^" if flag else " ") * width_of(text) for text, flag in pieces).rstrip()
        if carets:
            click.echo(" " * len(lead) + carets)


def _answered(sitting: Sitting, finding: Finding, answer: bool, repair: Repair) -> Sitting:
    if not answer:
        return decline(sitting, finding)
    after = carry_out(sitting, [finding], repair)
    if after is sitting:
        paragraph("it could not be carried out: a guard rejected it; it stays as it is", "    ", "      ")
        return decline(sitting, finding)
    return after


def _answer() -> str:
    """The key of an answer: one press on a terminal, otherwise the first letter of a line. The end of the input means `q`."""
    read = _pressed if sys.stdin.isatty() else _typed
    while True:
        key = read(f"    Carry it out? [{','.join(_KEYS)}] ").lower()
        if key in _KEYS and key != "?":
            return key
        for name, meaning in _KEYS.items():
            paragraph(f"{name} - {meaning}", "      ", "          ")


def _typed(prompt: str) -> str:
    click.echo(prompt, nl=False)
    sys.stdout.flush()
    line = sys.stdin.readline()
    key = line.strip()[:1] if line else "q"
    click.echo(printable(key))
    return key


def _pressed(prompt: str) -> str:
    """One press of a key. Keys pressed before the question are ignored."""
    import select
    import termios
    import tty

    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    try:
        tty.setcbreak(keyboard, termios.TCSAFLUSH)
        click.echo(prompt, nl=False)
        sys.stdout.flush()
        # After Ctrl-C a blocking read would wait for one more key, since Python handles the signal only between two waits.
        while not select.select([keyboard], [], [], 0.5)[0]:
            pass
        pressed = os.read(keyboard, 16)  # an arrow is several bytes
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
    key = pressed.decode("utf-8", "replace") if pressed not in (b"", b"\x04") else "q"
    click.echo(printable(key))
    return key


def _styled(text: str, *, fg: str | None = None, bold: bool = False) -> str:
    return click.style(text, fg=fg, bold=bold or None) if has_color(sys.stdout) else text
