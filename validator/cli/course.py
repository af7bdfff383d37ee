"""What `validator repair` prints: what came of each seed, and the sum of a run."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import click

from validator.archive.opening import Archive
from validator.archive.seeds import Seed
from validator.cli.exits import exit_code
from validator.cli.options import RepairOptions
from validator.cli.terminal import complain, paragraph
from validator.parsing.decoding import decoded_as
from validator.preservation.repairing import Outcome
from validator.preservation.writing import records_root
from validator.record.sidecar import SIDECAR_SUFFIX
from validator.repairs.edits import diff
from validator.repairs.repairing import Repaired
from validator.reports.escaping import printable
from validator.reports.model import Setting, Tally, open_report
from validator.reports.words import counted, findings_in_words, verdicts_in_words
from validator.text.findings import Applicability, SeedReport


class Course:
    """Prints what comes of a run as it goes, and in the end its sum. Findings go to `out`, a line each."""

    def __init__(
        self, archive: Archive, options: RepairOptions, out: TextIO,
        marked: Callable[[SeedReport], SeedReport] = lambda report: report,
    ) -> None:  # fmt: skip
        """`marked` marks findings that a baseline sets aside."""
        self._archive = archive
        self._options = options
        self._marked = marked
        self._out = out
        self._reporter = open_report("concise", out, Setting())
        self._tally = Tally()
        self._held = Counter[str]()
        self._fixes = self._failed = self._left = 0
        self._written: list[tuple[Path, ...]] = []
        self.repaired: set[Path] = set()  # the seeds that were changed
        self.code = 0

    def count(self, report: SeedReport) -> None:
        """Count what remains, and list it, unless the output is a diff or a person has seen it already."""
        report = self._marked(report)
        self._tally.add(report)
        self.code = max(self.code, exit_code(self._archive, report))
        if not self._options.as_diff and not self._options.interactive:
            self._reporter.seed(report)

    def leave(self, seeds: int) -> None:
        """Count seeds that were not looked at."""
        self._left = seeds
        self.code = max(self.code, int(seeds > 0))

    def add(self, seed: Seed, outcome: Outcome) -> None:
        """Print what came of one seed."""
        is_hook, repaired = self._options.hook, outcome.repaired
        for note in outcome.notes:
            complain(note)
        if outcome.failure is not None:
            self._failed += 1
            self.code = max(self.code, 1)
            if is_hook:
                click.echo(f"{printable(seed.name)}: left as it was: {printable(outcome.failure)}", err=True)
            else:
                complain(f"{seed.name} was left as it was: {outcome.failure}")
        elif repaired is not None:
            if not self._options.interactive:  # who was asked knows why
                self._held.update(held.reason for held in repaired.held)
            if outcome.is_changed:
                self._fixes += len(repaired.changes)
                self.repaired.add(seed.path)
                if is_hook or self._options.as_diff:
                    self.code = max(self.code, 1)
                if is_hook:
                    self._written.append(outcome.files)
                self._say_change(seed, outcome.read, repaired)
        self.count(outcome.report)

    def _say_change(self, seed: Seed, read: bytes, repaired: Repaired) -> None:
        if self._options.as_diff:
            _show_diff(seed.name, read, repaired)
        elif not self._options.quiet:
            made = Counter((change.rule, change.applicability) for change in repaired.changes)
            listed = ", ".join(
                f"{number:,} {rule}{' [unsafe]' if tier is Applicability.UNSAFE else ''}"
                for (rule, tier), number in sorted(made.items())
            )
            self._say(f"{seed.name}: repaired: {listed}" if self._options.hook else f"repaired {seed.name}: {listed}")
            for lift in repaired.lifts:
                self._say(f"the sidecar now says: {lift.field} {lift.value}", "  ")

    def sum_up(self) -> None:
        """Print what to stage; on standard error what changed, what remains, and what was held back and why."""
        if self._written:
            click.echo("commit the repair together with its record:", file=self._out)
            from validator.archive.git import staging

            for line in staging(self._archive.root, self._written):  # not wrapped: it is there to be copied
                click.echo(f"  {line}", file=self._out)
        if self._options.quiet:
            return
        totals, changed = self._tally.totals(), len(self.repaired)
        did = "would be repaired" if self._options.as_diff else "repaired"
        fixes = counted(self._fixes, "fix", "fixes")
        paragraph(f"{counted(totals.seeds, 'seed')}: {changed:,} {did}, with {fixes}", "", "    ", sys.stderr)
        remains = f"{findings_in_words(totals.findings)}; verdicts: {verdicts_in_words(totals)}"
        lines = [f"what remains: {remains}"]
        lines += [
            f"{counted(number, 'fix', 'fixes')} held back: {reason}" for reason, number in sorted(self._held.items())
        ]
        if self._left:
            lines.append(f"{counted(self._left, 'seed')} not looked at")
        if self._failed:
            lines.append(f"{counted(self._failed, 'seed')} left as found, for the reason given above")
        if changed and self._options.is_in_place and self._out is sys.stdout:
            lines.append(f"`validator undo {'--last' if self._is_recorded_here() else 'SEED'}` takes it back")
        for line in lines:
            paragraph(line, "  ", "    ", sys.stderr)

    def _is_recorded_here(self) -> bool:
        """Whether all repairs are recorded in the archive's own record, where `undo --last` looks."""
        root = Path(os.path.realpath(self._archive.root))
        return all(records_root(root, path) == root for path in self.repaired)

    def _say(self, text: str, indent: str = "") -> None:
        paragraph(text, indent, "    ", self._out)


def _show_diff(name: str, content: bytes, repaired: Repaired) -> None:
    for change in repaired.changes:
        if change.recode is not None:
            click.echo(f"# {printable(name)}: from {change.recode[0]} to {change.recode[1]}")
    before, after = decoded_as(content, repaired.before.encoding), decoded_as(repaired.data, repaired.report.encoding)
    for line in diff(before.text, after.text, name):
        for part in line.rstrip("\n").split("\n"):
            click.echo(printable(part))
    for lift in repaired.lifts:
        click.echo(f"# {printable(name)}{SIDECAR_SUFFIX}: {lift.field} {printable(lift.value)}")
