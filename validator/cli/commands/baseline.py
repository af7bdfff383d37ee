"""`validator baseline`: create, update and prune."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from validator.archive.config import BASELINE_NAME
from validator.archive.opening import Archive
from validator.archive.reading import system_errors_as
from validator.archive.writing import held, write_atomically
from validator.cli.chosen import all_judged, discovered, exit_code, orphans
from validator.cli.known import can_speak, configured, content, folders_of, formers, read, shown
from validator.cli.options import SourceOptions, command, jobs_option, names_option, option, paths_argument
from validator.cli.program import Commands
from validator.cli.terminal import complain, paragraph
from validator.reports.baseline import Baseline, Known, found_in, marked, revised, size, write_baseline
from validator.reports.escaping import printable
from validator.reports.model import Tally
from validator.reports.words import counted, findings_in_words, statistics
from validator.text.errors import ConfigError
from validator.text.findings import Verdict

PLACE = ("check", 5)
baseline = Commands("baseline", help="Set aside the findings that an archive has now: only new ones count.")


def _file_option(spelling: str, text: str) -> Any:
    return option(
        spelling, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
        show_default=f"the one in the configuration, else {BASELINE_NAME} in the root", help=text,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineOptions(SourceOptions):
    """The options that the three commands share; each has its own option for `file`."""

    paths: tuple[str, ...] = paths_argument()
    select: tuple[str, ...] = names_option("--select", "Only these rules or families (a,b). Repeatable.")
    ignore: tuple[str, ...] = names_option("--ignore", "Leave these rules or families out (a,b). Repeatable.")
    jobs: int | None = jobs_option()
    quiet: bool = option("-q", "--quiet", is_flag=True, help="Print nothing about what was done.")
    file: Path | None = _file_option("--baseline", "The baseline to bring up to date.")

    def place(self, archive: Archive) -> Path:
        """The file of the baseline."""
        return self.file or configured(archive) or archive.root / BASELINE_NAME


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOptions(BaselineOptions):
    """What `baseline create` was asked to do."""

    file: Path | None = _file_option("--output", "The file to write.")
    force: bool = option("--force", is_flag=True, help="Replace an existing baseline.")


@command(CreateOptions, baseline)
def create(options: CreateOptions) -> int:
    """Set aside everything that is found now. Nothing is repaired.

    PATHS are files and folders, as for `validate`; without any the whole archive. The findings are written into a file that
    belongs into git; `validator validate --baseline FILE` then fails only on new ones.
    """
    return create_baseline(options)


def create_baseline(options: CreateOptions) -> int:
    """Write a new baseline; the exit code."""
    archive = options.opened()
    file = options.place(archive)
    _refuse_to_replace(file, archive, options.force)
    judged = _Judged(archive, options)
    if judged.may_be_written:
        with _changing(file, archive):
            _refuse_to_replace(file, archive, options.force)
            written = {path: known for path, (known, _) in judged.found.items()}
            write_atomically(file, write_baseline(written))
        if not options.quiet:
            _say_created(judged, written, file)
    return judged.code


@command(BaselineOptions, baseline)
def update(options: BaselineOptions) -> int:
    """Replace the entries with what is found now.

    PATHS are files and folders; without any the whole archive. Findings that are gone are taken out, new ones are set aside
    too. Other seeds, and rules that are not shown, keep their entries.
    """
    return _revise(options, adds=True)


@command(BaselineOptions, baseline)
def prune(options: BaselineOptions) -> int:
    """Remove what is no longer found, and add nothing.

    PATHS are files and folders; without any the whole archive.
    """
    return _revise(options, adds=False)


def _revise(options: BaselineOptions, *, adds: bool) -> int:
    archive = options.opened()
    file = options.place(archive)
    read(file, archive)  # report what is wrong with it before anything is checked
    judged = _Judged(archive, options)
    if not judged.may_be_written:
        return judged.code
    with _changing(file, archive):
        before = read(file, archive)  # once more: another run may have written meanwhile
        renames = formers(before, archive, file)
        is_about = folders_of(archive, judged.paths)
        after = revised(before, judged.found, renames, can_speak(archive), is_about, adds=adds)
        changed = write_baseline(after)
        if changed != content(file, archive):
            write_atomically(file, changed)
    if not options.quiet:
        _say_revised(before, after, renames.new_names, shown(file, archive))
    return 0


def _refuse_to_replace(file: Path, archive: Archive, force: bool) -> None:
    if not force and os.path.lexists(file):
        raise ConfigError(
            "there is a baseline already: `validator baseline update` brings it up to date, --force replaces it",
            shown(file, archive),
        )


@contextmanager
def _changing(file: Path, archive: Archive) -> Iterator[None]:
    """Prevent other runs from changing the baseline meanwhile. Raises ConfigError if it cannot be written."""
    with system_errors_as("it cannot be written", shown(file, archive)), held(Path(os.path.realpath(file)).parent):
        yield


class _Judged:
    """The findings of each seed in a run. `code` is the exit code so far.

    `left` counts the seeds that fail even with all their findings set aside.
    """

    def __init__(self, archive: Archive, options: BaselineOptions) -> None:
        """Check all seeds that the arguments lead to. Prints why some could not be checked."""
        if "-" in options.paths:
            raise ConfigError("a baseline is about files: standard input has none")
        self.archive = archive
        self.paths = options.paths or (str(archive.root),)
        self.found: dict[str, tuple[Known, Verdict | None]] = {}
        self.tally = Tally()
        self.left = self.code = 0
        seeds = discovered(archive, self.paths)
        self.is_empty = seeds is None
        if seeds is None:
            return
        unchecked = []
        for report in (*all_judged(archive, seeds.seeds, options.jobs, options.quiet), *orphans(archive, seeds)):
            known = found_in(report)
            self.found[report.path] = known, report.verdict
            self.tally.add(report)
            self.left += bool(exit_code(archive, marked(report, known.entries)))
            if report.verdict is Verdict.UNCHECKED:
                unchecked.append(f"{printable(report.path)}: unchecked: {printable(report.fault or '')}")
        for line in unchecked:
            click.echo(line, err=True)
        if unchecked:
            complain(
                f"the program failed on {counted(len(unchecked), 'seed')}, which could not be checked; nothing was written"
            )
            self.code = 3

    @property
    def may_be_written(self) -> bool:
        """Whether there was something to check, and all of it could be checked."""
        return not self.is_empty and not self.code


def _say_created(judged: _Judged, written: Baseline, file: Path) -> None:
    totals = judged.tally.totals()
    name = shown(file, judged.archive)
    seeds = sum(bool(known.entries) for known in written.values())
    click.echo(f"{printable(name)}: {counted(size(written), 'finding')} of {counted(seeds, 'seed')} set aside")
    paragraph(findings_in_words(totals.findings), "  ", "    ")
    click.echo("".join(f"  {line}\n" for line in statistics(totals).splitlines()), nl=False)
    paragraph("Nothing was repaired.")
    if judged.left:
        verb = "makes" if judged.left == 1 else "make"
        paragraph(
            f"{counted(judged.left, 'seed')} that could not be judged still {verb} a run fail: why is not among what "
            "was set aside, since it is not shown here or was accepted."
        )
    if configured(judged.archive) is None:
        paragraph(
            f'From now on: `validator validate --baseline {name} PATHS`, or `baseline = "{name}"` in validator.toml.'
        )


def _say_revised(before: Baseline, after: Baseline, new_names: Mapping[str, str], name: str) -> None:
    old, new = _counts(before, new_names), _counts(after, {})
    parts = [f"{counted((new - old).total(), 'finding')} added", f"{(old - new).total():,} removed"]
    followed = sum(path in after for path in new_names.values())
    if followed:
        parts.append(f"{counted(followed, 'seed')} renamed")
    paragraph(
        f"{name}: {', '.join(parts)}; {counted(size(after), 'finding')} of {counted(len(after), 'seed')} set aside"
    )


def _counts(baseline: Baseline, new_names: Mapping[str, str]) -> Counter[tuple[str, str, bytes]]:
    return Counter(
        {
            (new_names.get(path, path), entry.rule, entry.fingerprint): entry.times
            for path, known in baseline.items()
            for entry in known.entries
        }
    )
