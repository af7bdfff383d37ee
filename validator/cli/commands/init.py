"""`validator init`."""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from validator.archive.adoption import (
    Look,
    Program,
    Proposal,
    Seen,
    ci_in_use,
    installed_from,
    looks_like_no_seed,
    program_in_hook,
    proposals,
)
from validator.archive.discovery import discover
from validator.archive.git import find_repository
from validator.archive.hook_files import FILES as HOOK_FILES
from validator.archive.root import read_schemas, schemas_folder
from validator.cli.chosen import all_judged
from validator.cli.options import ArchiveOptions, Choice, command, option, schemas_option
from validator.cli.terminal import complain, headed, next_step, paragraph, paragraphs, some
from validator.reports.escaping import printable
from validator.reports.words import counted
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Status, Verdict

PLACE = ("set up", 1)


@command()
def init(
    ci: str | None = option(
        "--ci",
        type=Choice(("github", "gitlab", "none")),
        show_default="what the repository uses",
        help="The job for CI to write.",
    ),
    url: str | None = option(
        "--url", metavar="URL", show_default="where it was installed from", help="The program's git repository."
    ),
    rev: str | None = option(
        "--rev", metavar="REV", show_default="what is installed", help="The tag or commit of it to use."
    ),
    wants_baseline: bool = option(
        "--baseline", is_flag=True, help="Set aside what is found now: only new findings count."
    ),
    overwrite: bool = option("--overwrite", is_flag=True, help="Replace a job for CI that exists and differs."),
    yes: bool = option("-y", "--yes", is_flag=True, help="Write without asking."),
    schemas: tuple[Path, ...] = schemas_option(),
) -> int:
    """Look at an archive, and write what it needs to be checked from now on.

    That is a configuration, a hook for commits, a job for CI and, if you want it, a baseline of what is found now. Each file is
    shown and asked for before it is written; nothing that exists is lost.
    """
    look = _look(schemas)
    _show(look)
    program = _program(look, url, rev)
    can_ask = not yes and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    baseline = _baseline_wanted(look, wants_baseline, can_ask)
    if can_ask and look.top is not None and program.url is None:
        program = _asked_for(program)
    ci = ci or (ci_in_use(look.top) if look.top is not None else None)
    _say_what_is_missing(look, program, ci)
    proposed = proposals(look, program, ci, baseline, overwrite or can_ask)
    for proposal in proposed:
        _show_proposal(proposal, look)
    wanted = [each for each in proposed if each.is_to_write]
    if not yes and not can_ask:
        if not wanted and not baseline:
            click.echo("nothing is to be written")
            return 0
        complain("nothing was written: there is nobody to ask; --yes writes it")
        return 2
    written = []
    for each in wanted:
        name = look.name(each.path)
        if yes or click.confirm(f"Write {name}?", default=not each.replaces):
            written.append(each)
    for each in written:
        each.write()
        click.echo(f"written: {printable(look.name(each.path))}")
    code = _create_baseline(look) if baseline else 0
    _say_what_is_left(program, written)
    return code


# ---------------------------------------------------------------------------------------------------------------------
# The look


def _look(schemas: tuple[Path, ...]) -> Look:
    """Every seed, judged without a baseline."""
    archive = ArchiveOptions(schemas=schemas).opened()
    if not schemas and not archive.settings.schemas and (folder := _own_schemas(archive.root)) is not None:
        archive = ArchiveOptions(schemas=(folder,)).opened()
        click.echo(f"source schemas found in {printable(str(folder))}")
    found = discover([archive.root], archive.settings, archive.root)
    seen = []
    failing = 0
    for report in all_judged(archive, found.seeds, None, quiet=False):
        is_certain = report.source is not None and not any(line.startswith("uncertain") for line in report.evidence)
        seen.append(Seen(report.path, report.source, is_certain))
        failing += _fails(report) and not (report.source is None and looks_like_no_seed(report.path))
    try:
        top: Path | None = Path(find_repository(archive.root).top)
    except ConfigError:
        top = None
    return Look(archive, top, tuple(seen), failing)


def _own_schemas(root: Path) -> Path | None:
    """The folder `schemas` of an archive, if it has a source schema and is not the program's own."""
    folder = root / "schemas"
    if not folder.is_dir() or folder.resolve() == schemas_folder().resolve():
        return None
    return folder if any(re.search(r"(?m)^id:", text) for _, text in read_schemas(folder)) else None


def _fails(report: SeedReport) -> bool:
    if report.verdict not in (Verdict.VALID, Verdict.INVALID, None):
        return True
    return any(finding.status is Status.OPEN and finding.severity == "error" for finding in report.findings)


def _show(look: Look) -> None:
    """Print what the archive has: a line for each source, and what to do about seeds without one."""
    root = Path(os.path.realpath(look.archive.root))
    place = "in no git repository"
    if look.top is not None:
        place = "a git repository" if look.top == root else f"in the git repository {look.top}"
    click.echo(printable(str(look.archive.root)))
    paragraph(f"{place}: {counted(len(look.seen), 'seed')}", "  ", "    ")
    numbers = Counter(each.source for each in look.seen)
    certain = Counter(each.source for each in look.seen if each.certain)
    if not numbers:
        click.echo("  nothing here has the name of a seed (*.txt, *.md, *.markdown, *.html, *.htm)\n")
        return
    width = max(len(source or "none fits") for source in numbers)
    click.echo(f"\n  {headed('source'):{width}}  {'seeds':>7}  {'certain':>7}")
    for source, number in sorted(numbers.items(), key=lambda entry: (entry[0] is None, -entry[1], entry[0] or "")):
        sure = f"{certain[source]:>7,}" if source is not None else ""
        click.echo(f"  {source or 'none fits':{width}}  {number:>7,}  {sure}".rstrip())
    click.echo("")
    _show_unidentified(look)


def _show_unidentified(look: Look) -> None:
    listed, more = some(look.unidentified)
    if not listed:
        return
    paragraph(f"{counted(len(look.unidentified), 'file')} of no known source:", "  ")
    for name in listed:
        click.echo(f"    {name}")
    if more:
        click.echo(f"    and {more:,} more")
    next_step("- Seeds of a source of your own: have its schema drafted:", _learning(look), "  ")
    for hint in (
        "Texts without a particular source: name `plain-text` for its folder, under [sources] of the configuration.",
        "Not seeds: add them to `exclude` of the configuration.",
    ):
        paragraph(hint, "  - ", "    ")
    click.echo("")


def _learning(look: Look) -> list[str]:
    """The command that drafts a schema from the folder with the most files of no known source."""
    folders = Counter(name.rpartition("/")[0] for name in look.unidentified)
    folder, number = max(folders.items(), key=lambda entry: (entry[1], entry[0]))
    name = folder.rpartition("/")[2]
    if number < 2 or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        return ["validator", "sources", "learn", "ID", "FOLDER", "--output", "schemas/ID.yaml"]
    place = os.path.relpath(look.archive.root / folder)
    return ["validator", "sources", "learn", name, place, "--output", f"schemas/{name}.yaml"]


# ---------------------------------------------------------------------------------------------------------------------
# What the user decides


def _program(look: Look, url: str | None, rev: str | None) -> Program:
    """Where to fetch the program: from the command line, else from an existing hook, else from where it was installed."""
    found = program_in_hook(look.top) or installed_from()
    if url is not None and url != found.url:
        found = Program(url, None)
    return Program(found.url, rev or found.rev)


def _asked_for(program: Program) -> Program:
    click.echo("The hook can fetch the validator from a git repository, and it is not known which one.")
    url = click.prompt("Its address (empty: use the installed program)", default="", show_default=False).strip()
    if not url:
        return Program(None, None)
    rev = click.prompt("A tag or commit of it", default=program.rev or "", show_default=bool(program.rev)).strip()
    return Program(url or None, rev or None)


def _baseline_wanted(look: Look, wants: bool, can_ask: bool) -> bool:
    """Whether to set aside what is found now."""
    if look.baseline.exists() or not look.failing:
        return False
    paragraph(
        f"{counted(look.failing, 'seed')} would fail a check as it is now. A baseline sets aside what is found, so that only "
        "new findings count: --baseline, or `validator baseline create` at any time.", "", "  ",
    )  # fmt: skip
    click.echo("")
    return wants or (can_ask and click.confirm("Set aside what is found now?", default=False))


def _create_baseline(look: Look) -> int:
    """Create the baseline with the configuration as it is now; the exit code."""
    from validator.cli.commands.baseline import CreateOptions, create_baseline

    options = CreateOptions(schemas=look.archive.request.schemas, file=look.baseline, paths=(str(look.archive.root),))
    code = create_baseline(options)
    return code if code in (2, 3) else 0


# ---------------------------------------------------------------------------------------------------------------------
# Showing


def _say_what_is_missing(look: Look, program: Program, ci: str | None) -> None:
    """Print why there is no hook, or no job for CI."""
    if look.top is None:
        click.echo("no git repository: no hook and no job for CI can be set up here\n")
    elif ci is None:
        paragraph("no sign of GitHub or GitLab: no job for CI; --ci github or --ci gitlab asks for one", "", "  ")
        click.echo("")
    elif ci != "none" and not program.is_known:
        paragraph(
            "where CI gets the validator from is not known: no job for it; --url and --rev give its git repository, and a tag "
            "or commit of it", "", "  ",
        )  # fmt: skip
        click.echo("")


def _show_proposal(proposal: Proposal, look: Look) -> None:
    name = printable(look.name(proposal.path))
    if proposal.trouble:
        first, _, rest = proposal.trouble.partition("\n")
        paragraph(f"{name}: left as it is: {first}", "", "  ")
        _show_lines(rest)
    elif proposal.before == proposal.after:
        click.echo(f"{name}: there already, nothing to change")
    elif proposal.before is None:
        paragraph(f"{name} (new): {proposal.purpose}", "", "  ")
        _show_lines(proposal.after)
    else:
        what = "differs; this would replace it" if proposal.replaces else proposal.purpose
        paragraph(f"{name} (changed): {what}", "", "  ")
        before, after = proposal.before.splitlines(), proposal.after.splitlines()
        _show_lines("\n".join(list(difflib.unified_diff(before, after, n=2, lineterm=""))[2:]))
    click.echo("")


def _show_lines(text: str) -> None:
    for line in text.splitlines():
        click.echo(f"  | {printable(line)}".rstrip())


def _say_what_is_left(program: Program, written: Sequence[Proposal]) -> None:
    """Print what is left to do by hand."""
    left = []
    has_hook = any(each.path.name in HOOK_FILES for each in written)
    if has_hook and not program.is_known:
        left.append(
            "the hook calls the validator that is installed on each machine; --url and --rev let it be fetched instead"
        )
    if program.url is not None and program.url.startswith(("/", "file:", ".")):
        left.append(f"{program.url} is a place on this machine: others cannot fetch the validator from there")
    if has_hook:
        left.append("`pre-commit install` (or `prek install`) lets git call the hook, in each clone")
    if written:
        left.append("look at what was written, and commit it")
    paragraphs(left, "  - ", "    ")
