"""`validator baseline create`, `update` and `prune`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from validator.archive.config import BASELINE_NAME
from validator.archive.opening import Archive, judge_in_worker, open_archive, open_in_worker, use_in_process
from validator.archive.reading import system_reason
from validator.archive.runner import run
from validator.archive.seeds import Discovery
from validator.archive.writing import held, write_atomically
from validator.cli.choice import discovered, orphans
from validator.cli.commands import Commands
from validator.cli.common import RULES_OR_FAMILIES, Decorator, archive_options, make_request, names, paragraph
from validator.cli.known import can_speak, configured, content, folders_of, formers, read, shown
from validator.cli.progress import Progress
from validator.cli.validate import exit_code
from validator.reports.baseline import Baseline, Found, found_in, marked, revised, size, write_baseline
from validator.reports.escaping import printable
from validator.reports.model import Tally, statistics
from validator.reports.words import counted, findings_in_words
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Verdict


def _options(command: Callable[..., object]) -> Callable[..., object]:
    """What the three commands share."""
    for option in (
        click.option("-q", "--quiet", is_flag=True, help="Say nothing of what was done."),
        click.option("--jobs", type=click.IntRange(min=1), metavar="N", show_default="as many as pay",
                     help="How many processes work."),
        click.option("--ignore", multiple=True, metavar="NAMES", shell_complete=RULES_OR_FAMILIES,
                     help="Leave these rules or families out (a,b). Repeatable."),
        click.option("--select", multiple=True, metavar="NAMES", shell_complete=RULES_OR_FAMILIES,
                     help="Only these rules or families (a,b). Repeatable."),
        archive_options(),
        click.argument("paths", nargs=-1, type=click.Path()),
    ):  # fmt: skip
        command = option(command)
    return command


def _file_option(name: str, text: str) -> Decorator:
    return click.option(
        name, "file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
        show_default=f"that of the configuration, else {BASELINE_NAME} in the root", help=text,
    )  # fmt: skip


@click.group(cls=Commands)
def baseline() -> None:
    """Set aside what an archive has now, so that only what is new counts."""


@baseline.command()
@_options
@_file_option("--output", "The file to write.")
@click.option("--force", is_flag=True, help="Replace a baseline that is there.")
def create(
    paths: tuple[str, ...], config: Path | None, no_config: bool, schemas: tuple[Path, ...], source: str | None,
    select: tuple[str, ...], ignore: tuple[str, ...], jobs: int | None, quiet: bool, file: Path | None, force: bool,
) -> int:  # fmt: skip
    """Set aside all that is found now. Nothing is mended.

    PATHS are files and folders, as for `validate`; without any the whole archive. What is found is written into a file that
    belongs into git; `validator validate --baseline FILE` then fails on what is new only.
    """
    archive = _opened(config, no_config, schemas, source, select, ignore)
    file = file or configured(archive) or archive.root / BASELINE_NAME
    _refuse_to_replace(file, archive, force)
    judged = _Judged(archive)
    if judged.discover(paths) and judged.all(jobs, quiet):
        with _changing(file, archive):
            _refuse_to_replace(file, archive, force)
            written = {path: each.known for path, each in judged.found.items()}
            write_atomically(file, write_baseline(written))
        if not quiet:
            _say_created(judged, written, file)
    return judged.code


@baseline.command()
@_options
@_file_option("--baseline", "The baseline to bring up to date.")
def update(
    paths: tuple[str, ...], config: Path | None, no_config: bool, schemas: tuple[Path, ...], source: str | None,
    select: tuple[str, ...], ignore: tuple[str, ...], jobs: int | None, quiet: bool, file: Path | None,
) -> int:  # fmt: skip
    """Set aside what is found now, in the place of what was.

    PATHS are files and folders; without any the whole archive. What is not found any more is taken out, what is new is set
    aside too. Other seeds, and rules that are not shown, keep what they have.
    """
    archive = _opened(config, no_config, schemas, source, select, ignore)
    return _revise(archive, paths, jobs, quiet, file, adds=True)


@baseline.command()
@_options
@_file_option("--baseline", "The baseline to take out of.")
def prune(
    paths: tuple[str, ...], config: Path | None, no_config: bool, schemas: tuple[Path, ...], source: str | None,
    select: tuple[str, ...], ignore: tuple[str, ...], jobs: int | None, quiet: bool, file: Path | None,
) -> int:  # fmt: skip
    """Take out what is not found any more, and add nothing.

    PATHS are files and folders; without any the whole archive.
    """
    archive = _opened(config, no_config, schemas, source, select, ignore)
    return _revise(archive, paths, jobs, quiet, file, adds=False)


def _revise(
    archive: Archive, paths: tuple[str, ...], jobs: int | None, quiet: bool, file: Path | None, *, adds: bool
) -> int:
    file = file or configured(archive) or archive.root / BASELINE_NAME
    read(file, archive)  # what is wrong with it is said before anything is checked
    judged = _Judged(archive)
    if not (judged.discover(paths) and judged.all(jobs, quiet)):
        return judged.code
    with _changing(file, archive):
        before = read(file, archive)  # once more: another run may have written meanwhile
        told = formers(before, archive, file)
        is_about = folders_of(archive, judged.paths)
        after = revised(before, judged.found, told, can_speak(archive), is_about, adds=adds)
        data = write_baseline(after)
        if data != content(file, archive):
            write_atomically(file, data)
    if not quiet:
        _say_revised(before, after, told.renamed, shown(file, archive))
    return 0


class _Judged:
    """What a run found of each seed. `code` is the exit code that it asks for so far; `left` counts the seeds that make
    a run fail even if all that was found of them is set aside.
    """

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.paths: tuple[str, ...] = ()
        self.found: dict[str, Found] = {}
        self.tally = Tally()
        self.left = 0
        self.code = 0
        self._discovery = Discovery()

    def discover(self, paths: tuple[str, ...]) -> bool:
        """Find the seeds; whether there is something to check."""
        if "-" in paths:
            raise ConfigError("a baseline is of files: standard input has none")
        self.paths = paths or (str(self.archive.root),)
        found = discovered(self.archive, self.paths)
        self._discovery = found or Discovery()
        return found is not None

    def all(self, jobs: int | None, quiet: bool) -> bool:
        """Check them all; whether all could be checked. Else that is said, and nothing may be written."""
        archive, seeds = self.archive, self._discovery.seeds
        use_in_process(archive)
        unchecked = 0
        with Progress(len(seeds), quiet) as progress:
            for report in run(
                seeds, judge_in_worker, jobs or archive.settings.jobs, open_in_worker, (archive.request,)
            ):
                if report.verdict is Verdict.UNCHECKED:
                    progress.clear()
                    click.echo(f"{printable(report.path)}: unchecked: {printable(report.fault or '')}", err=True)
                    unchecked += 1
                self._add(report)
                progress.step()
        for report in orphans(archive, self._discovery):
            self._add(report)
        if unchecked:
            is_one = unchecked == 1
            click.echo(
                f"validator: the program failed on {counted(unchecked, 'seed')}, of which nothing is known"
                f"{' now' if is_one else ''}; nothing was written", err=True,
            )  # fmt: skip
            self.code = 3
        return not unchecked

    def _add(self, report: SeedReport) -> None:
        known = found_in(report)
        self.found[report.path] = Found(known, report.verdict)
        self.tally.add(report)
        self.left += bool(exit_code(self.archive, marked(report, known.entries)))


def _say_created(judged: _Judged, written: Baseline, file: Path) -> None:
    totals = judged.tally.totals()
    name = shown(file, judged.archive)
    seeds = sum(bool(known.entries) for known in written.values())
    click.echo(f"{printable(name)}: {counted(size(written), 'finding')} of {counted(seeds, 'seed')} set aside")
    paragraph(findings_in_words(totals.findings), "  ", "    ")
    click.echo("".join(f"  {line}\n" for line in statistics(totals).splitlines()), nl=False)
    paragraph("Nothing was mended.")
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


def _say_revised(before: Baseline, after: Baseline, renamed: Mapping[str, str], name: str) -> None:
    old, new = _counts(before, {former: path for path, former in renamed.items()}), _counts(after, {})
    parts = [f"{counted((new - old).total(), 'finding')} added", f"{(old - new).total():,} removed"]
    followed = sum(path in after for path in renamed)
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


# ---------------------------------------------------------------------------------------------------------------------
# The file


def _opened(
    config: Path | None, no_config: bool, schemas: tuple[Path, ...], source: str | None, select: tuple[str, ...],
    ignore: tuple[str, ...],
) -> Archive:  # fmt: skip
    return open_archive(
        make_request(config, no_config, schemas, source=source, select=names(select), ignore=names(ignore))
    )


def _refuse_to_replace(file: Path, archive: Archive, force: bool) -> None:
    if not force and os.path.lexists(file):
        raise ConfigError(
            "there is a baseline already: `validator baseline update` brings it up to date, --force replaces it",
            shown(file, archive),
        )


@contextmanager
def _changing(file: Path, archive: Archive) -> Iterator[None]:
    """While this lasts no other run changes the baseline. Raises ConfigError where it cannot be written."""
    try:
        with held(Path(os.path.realpath(file)).parent):
            yield
    except OSError as error:
        raise ConfigError(f"it cannot be written: {system_reason(error)}", shown(file, archive)) from None
