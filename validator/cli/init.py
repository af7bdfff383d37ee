"""`validator init`: look at an archive, and write what it needs to be checked from now on."""

from __future__ import annotations

import difflib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import click

from validator.archive.config import BASELINE_NAME as BASELINE
from validator.archive.discovery import discover
from validator.archive.git import find_repository
from validator.archive.opening import Archive, judge_in_worker, open_in_worker, use_in_process
from validator.archive.root import read_text, templates_folder, whole_path
from validator.archive.runner import run
from validator.archive.writing import write_atomically
from validator.cli.adoption import (
    JOB,
    WORKFLOW,
    Program,
    Seen,
    UnmergeableError,
    attributes,
    configuration,
    exclusions,
    folder_sources,
    job,
    looks_like_no_seed,
    program_of,
    record_attributes,
    with_hook,
    with_hook_in_toml,
    with_job,
    workflow,
)
from validator.cli.common import headed, opened, paragraph, width_for
from validator.cli.progress import Progress
from validator.cli.runners import FILES as HOOK_FILES
from validator.reports.display import wrap
from validator.reports.escaping import printable
from validator.reports.words import counted
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Status, Verdict

_LISTED = 5  # seeds that are named
_DISTRIBUTION = "seed-validator"


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look at the archive found. `top` is the top of the repository that it lies in, None where it lies in none."""

    archive: Archive
    top: Path | None
    seen: tuple[Seen, ...]
    failing: int  # seeds that a check would not let pass

    @property
    def unidentified(self) -> list[str]:
        return [each.path for each in self.seen if each.source is None and not looks_like_no_seed(each.path)]


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A file to write: what for, what it holds now (None: it is not there), what it would hold. `trouble` says why it is not to
    be written by a program, and `by_hand` what to add.
    """

    path: Path
    purpose: str
    before: str | None
    after: str
    trouble: str = ""
    replaces: bool = False

    @property
    def is_new(self) -> bool:
        return self.before is None


@click.command()
@click.option("--ci", type=click.Choice(("github", "gitlab", "none")), show_default="what the repository uses",
              help="The job for CI to write.")  # fmt: skip
@click.option("--url", metavar="URL", show_default="where it was installed from", help="The program's git repository.")
@click.option("--rev", metavar="REV", show_default="what is installed", help="The tag or commit of it to use.")
@click.option(
    "--baseline", "wants_baseline", is_flag=True, help="Set aside what is found now: only what is new counts."
)
@click.option("--overwrite", is_flag=True, help="Replace a job for CI that is there and differs.")
@click.option("-y", "--yes", is_flag=True, help="Write without asking.")
@click.option(
    "--schemas", type=click.Path(path_type=Path), metavar="FOLDER", multiple=True,
    help="A folder with more source schemas. Repeatable.",
)  # fmt: skip
def init(
    ci: str | None, url: str | None, rev: str | None, wants_baseline: bool, overwrite: bool, yes: bool,
    schemas: tuple[Path, ...],
) -> int:  # fmt: skip
    """Look at the archive here, and write what it needs to be checked from now on.

    That is a configuration, a hook for commits, a job for CI and, if you want it, a baseline of what is found now. Each file is
    shown and asked for before it is written; nothing that is there is lost.
    """
    look = _look(schemas)
    _show(look)
    program = _program(look, url, rev)
    can_ask = not yes and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    baseline = _baseline_wanted(look, wants_baseline, can_ask)
    if can_ask and look.top is not None and program.url is None:
        program = _asked_for(program)
    proposals = _proposals(look, program, ci, baseline, overwrite or can_ask)
    for proposal in proposals:
        _show_proposal(proposal, look)
    wanted = [each for each in proposals if not each.trouble and each.before != each.after]
    if not yes and not can_ask:
        if not wanted and not baseline:
            click.echo("nothing is to be written")
            return 0
        click.echo("validator: nothing was written: there is nobody to ask; --yes writes it", err=True)
        return 2
    written = [
        each for each in wanted if yes or click.confirm(f"Write {_name(each, look)}?", default=not each.replaces)
    ]
    for each in written:
        _write(each)
        click.echo(f"written: {printable(_name(each, look))}")
    code = _create_baseline(look) if baseline else 0
    _say_what_is_left(look, program, written)
    return code


# ---------------------------------------------------------------------------------------------------------------------
# The look


def _look(schemas: tuple[Path, ...]) -> _Look:
    """Every seed, judged as it would be without a baseline."""
    archive = opened(None, False, schemas)
    found = discover([archive.root], archive.settings, archive.root)
    seen = []
    failing = 0
    use_in_process(archive)
    with Progress(len(found.seeds), off=False) as progress:
        for report in run(
            found.seeds, judge_in_worker, archive.settings.jobs, open_in_worker, (archive.request,),
            limit_seconds=archive.limit_seconds,
        ):  # fmt: skip
            is_certain = report.source is not None and not any(line.startswith("uncertain") for line in report.evidence)
            seen.append(Seen(report.path, report.source, is_certain))
            failing += _fails(report) and not (report.source is None and looks_like_no_seed(report.path))
            progress.step()
    try:
        top: Path | None = Path(find_repository(archive.root).top)
    except ConfigError:
        top = None
    return _Look(archive, top, tuple(seen), failing)


def _fails(report: SeedReport) -> bool:
    if report.verdict not in (Verdict.VALID, Verdict.INVALID, None):
        return True
    return any(finding.status is Status.OPEN and finding.severity == "error" for finding in report.findings)


def _show(look: _Look) -> None:
    """Say what the archive holds: a line a source, and what to do where none fits."""
    root = Path(os.path.realpath(look.archive.root))
    place = "in no git repository"
    if look.top is not None:
        place = "a git repository" if look.top == root else f"in the git repository {look.top}"
    click.echo(printable(str(look.archive.root)))
    paragraph(f"{place}: {counted(len(look.seen), 'seed')}", "  ", "    ")
    numbers = Counter(each.source for each in look.seen)
    certain = Counter(each.source for each in look.seen if each.certain)
    if not numbers:
        click.echo("  nothing here is called as seeds are (*.txt, *.md, *.markdown, *.html, *.htm)\n")
        return
    width = max(len(source or "none fits") for source in numbers)
    click.echo(f"\n  {headed('source'):{width}}  {'seeds':>7}  {'certain':>7}")
    for source, number in sorted(numbers.items(), key=lambda entry: (entry[0] is None, -entry[1], entry[0] or "")):
        sure = f"{certain[source]:>7,}" if source is not None else ""
        click.echo(f"  {source or 'none fits':{width}}  {number:>7,}  {sure}".rstrip())
    click.echo("")
    _show_unidentified(look)


def _show_unidentified(look: _Look) -> None:
    unknown = look.unidentified
    if not unknown:
        return
    paragraph(f"{counted(len(unknown), 'file')} of no source that is known:", "  ")
    for path in unknown[:_LISTED]:
        click.echo(f"    {printable(path)}")
    if len(unknown) > _LISTED:
        click.echo(f"    and {len(unknown) - _LISTED:,} more")
    for hint in (
        "Seeds of a source of yours: `validator sources new ID --from FILE FILE FILE` drafts its schema.",
        "Text of no source in particular: name `plain-text` for its folder, under [sources] of the configuration.",
        "No seeds: add them to `exclude` of the configuration.",
    ):
        paragraph(hint, "  - ", "    ")
    click.echo("")


# ---------------------------------------------------------------------------------------------------------------------
# What is to be written


def _proposals(look: _Look, program: Program, ci: str | None, baseline: bool, may_replace: bool) -> list[_Proposal]:
    out = [_config_proposal(look, baseline)]
    if look.top is None:
        click.echo("no git repository: no hook and no job for CI can be set up here\n")
        return out
    config = None
    if look.top != Path(os.path.realpath(look.archive.root)):
        config = os.path.relpath(out[0].path, look.top)
    out += [*_attributes_proposal(look), _hook_proposal(look.top, program, config)]
    uses = ci or _ci_in_use(look.top)
    if uses is None:
        paragraph("no sign of GitHub or GitLab: no job for CI; --ci github or --ci gitlab asks for one", "", "  ")
        click.echo("")
    elif uses != "none" and not program.is_known:
        paragraph(
            "where CI gets the validator from is not known: no job for it; --url and --rev give its git repository, and a tag "
            "or commit of it", "", "  ",
        )  # fmt: skip
        click.echo("")
    elif uses == "github":
        text = workflow(program, config, _branch(look.top))
        out.append(_whole(look.top / WORKFLOW, "a workflow that checks what is pushed and proposed", text, may_replace))
    elif uses == "gitlab":
        template = read_text(templates_folder() / "gitlab.yml")
        text = job(template, program, config)
        out.append(_whole(look.top / JOB, "a job that checks what is pushed and proposed", text, may_replace))
        out.append(_merged(look.top / ".gitlab-ci.yml", "lets GitLab run that job", with_job))
    return out


def _config_proposal(look: _Look, baseline: bool) -> _Proposal:
    text = configuration(exclusions(look.seen), folder_sources(look.seen), BASELINE if baseline else None)
    purpose = "the configuration: what is a seed, and of which source"
    request, root = look.archive.request, look.archive.root
    if look.archive.config_sha256 is None:
        return _Proposal(root / "validator.toml", purpose, None, text)
    from validator.archive.root import find_config

    path = find_config(request.folder) or root / "validator.toml"
    before = read_text(path)
    trouble = ""
    if baseline and look.archive.settings.baseline is None:
        trouble = f'it is yours: add baseline = "{BASELINE}" to it'
    return _Proposal(path, purpose, before, before, trouble)


def _attributes_proposal(look: _Look) -> list[_Proposal]:
    """What keeps git from converting the line ends of seeds, and lets it join the events of two clones."""
    assert look.top is not None
    inside = [_under(look.archive.root / each.path, look.top) for each in look.seen]
    names = [each for each in inside if each is not None]
    root = _under(look.archive.root / ".validator", look.top)
    if not names or root is None:
        return []
    root = root.removesuffix(".validator").rstrip("/")
    lines = "" if _is_kept(look.top, names) else attributes(names)
    lines += "" if _is_joined(look.top, root) else record_attributes(root)
    if not lines:
        return []
    path = look.top / ".gitattributes"
    before = read_text(path) if path.exists() else None
    gap = "" if not before or before.endswith("\n") else "\n"
    after = f"{before or ''}{gap}{chr(10) if before else ''}{lines}"
    return [
        _Proposal(path, "keeps git from changing line ends in seeds, and joins the events of clones", before, after)
    ]


def _is_joined(top: Path, root: str) -> bool:
    """Whether git keeps the events of both sides of a merge, to the byte."""
    log = str(Path(root, ".validator", "events", "seed.jsonl"))
    answer = _git(top, "check-attr", "-z", "text", "merge", "--", log).split(b"\0")[2::3]
    return answer == [b"unset", b"union"]


def _is_kept(top: Path, names: Sequence[str]) -> bool:
    """Whether git hands out all of these files to the byte."""
    given = b"".join(os.fsencode(name) + b"\0" for name in names)
    answer = _git(top, "check-attr", "-z", "--stdin", "text", given=given)
    values = answer.split(b"\0")[2::3]
    return bool(values) and all(value == b"unset" for value in values)


def _hook_proposal(top: Path, program: Program, config: str | None) -> _Proposal:
    path = next((top / name for name in HOOK_FILES if (top / name).exists()), top / HOOK_FILES[1])
    if path.suffix == ".toml":
        return _merged(
            path, "a hook that checks each commit", lambda text: with_hook_in_toml(text or "", program, config)
        )
    return _merged(path, "a hook that checks each commit", lambda text: with_hook(text, program, config))


def _merged(path: Path, purpose: str, merge: Callable[[str | None], str]) -> _Proposal:
    """A file that is added to where it is there."""
    before = read_exactly(path) if path.exists() else None
    try:
        return _Proposal(path, purpose, before, merge(before))
    except UnmergeableError as error:
        return _Proposal(path, purpose, before, before or "", f"{error}; this is what belongs into it:\n{merge(None)}")


def _whole(path: Path, purpose: str, text: str, may_replace: bool) -> _Proposal:
    """A file that is ours alone. One that is there and differs is replaced only by somebody who says so: --yes does not."""
    before = read_exactly(path) if path.exists() else None
    differs = before is not None and before != text
    trouble = ""
    if differs and not may_replace:
        trouble = "it is there and differs; --overwrite replaces it"
    return _Proposal(path, purpose, before, text, trouble, replaces=differs)


def read_exactly(path: Path) -> str:
    """The text of a file with the line ends that it has. Raises ConfigError."""
    return read_text(path, shown=path.name)


def _ci_in_use(top: Path) -> str | None:
    if (top / ".github").is_dir():
        return "github"
    if (top / ".gitlab-ci.yml").exists():
        return "gitlab"
    hosts = _git(top, "config", "--get-regexp", r"^remote\..*\.url$").decode("utf-8", "replace").lower()
    for name in ("github", "gitlab"):
        if re.search(rf"[/@.]{name}\.", hosts):
            return name
    return None


def _branch(top: Path) -> str:
    """The branch that is pushed to: the remote's, else the one that is checked out, else main."""
    for ref in ("refs/remotes/origin/HEAD", "HEAD"):
        name = _git(top, "symbolic-ref", "--quiet", "--short", ref).decode("utf-8", "replace").strip()
        if name:
            return name.removeprefix("origin/") if ref != "HEAD" else name
    return "main"


def _under(path: Path, top: Path) -> str | None:
    whole = whole_path(path)
    start = str(top).rstrip("/") + "/"
    return whole.removeprefix(start) if whole.startswith(start) else None


def _git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    """What git answers in a folder; nothing where it does not."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, input=given, capture_output=True, check=False)
    except OSError:
        return b""
    return done.stdout if done.returncode == 0 else b""


# ---------------------------------------------------------------------------------------------------------------------
# Where the program is to be had


def _program(look: _Look, url: str | None, rev: str | None) -> Program:
    """As the command line says, else as the hook that is there, else as the installation tells: from which repository, or the
    remote of which checkout.
    """
    found = (_in_hook(look.top) if look.top is not None else None) or _installed_from()
    if url is not None and url != found.url:
        found = Program(url, None)
    return Program(found.url, rev or found.rev)


def _in_hook(top: Path) -> Program | None:
    """Where a hook that is there already has the program from."""
    path = next((top / name for name in HOOK_FILES if (top / name).exists()), None)
    if path is None:
        return None
    try:
        return program_of(read_exactly(path), is_toml=path.suffix == ".toml")
    except UnmergeableError:
        return None


def _installed_from() -> Program:
    try:
        installed: Distribution | None = distribution(_DISTRIBUTION)
    except PackageNotFoundError:
        installed = None
    direct = json.loads((installed.read_text("direct_url.json") if installed is not None else None) or "{}")
    url = str(direct.get("url", ""))
    vcs = direct.get("vcs_info")
    if vcs and vcs.get("vcs") == "git":
        wanted = str(vcs.get("requested_revision") or "")
        rev = wanted if re.fullmatch(r"v?\d+(\.\d+)*", wanted) else str(vcs.get("commit_id") or wanted)
        return Program(_without_secret(url), rev or None)
    checkout = Path(unquote(urlsplit(url).path)) if url.startswith("file://") else Path(__file__).resolve().parents[2]
    if (checkout / ".git").exists():
        remote = _git(checkout, "remote", "get-url", "origin").decode("utf-8", "replace").strip()
        if remote:
            tag = _git(checkout, "describe", "--tags", "--exact-match").decode("utf-8", "replace").strip()
            commit = _git(checkout, "rev-parse", "HEAD").decode("utf-8", "replace").strip()
            return Program(_without_secret(remote), tag or commit or None)
    for line in (installed.metadata.get_all("Project-URL") or []) if installed is not None else []:
        label, _, address = line.partition(", ")
        if label.lower() in ("repository", "source", "source code"):
            return Program(_without_secret(address), None)
    return Program(None, None)


def _without_secret(url: str) -> str:
    """An address without the name and password that may stand in it."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https") and "@" in parts.netloc:
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return url


def _asked_for(program: Program) -> Program:
    click.echo("The hook can fetch the validator from a git repository, and which one is not known here.")
    url = click.prompt("Its address (nothing: use what is installed)", default="", show_default=False).strip()
    if not url:
        return Program(None, None)
    rev = click.prompt("A tag or commit of it", default=program.rev or "", show_default=bool(program.rev)).strip()
    return Program(url or None, rev or None)


# ---------------------------------------------------------------------------------------------------------------------
# Showing, asking, writing


def _name(proposal: _Proposal, look: _Look) -> str:
    return _under(proposal.path, look.top or look.archive.root) or str(proposal.path)


def _show_proposal(proposal: _Proposal, look: _Look) -> None:
    name = printable(_name(proposal, look))
    if proposal.trouble:
        first, _, rest = proposal.trouble.partition("\n")
        paragraph(f"{name}: left as it is: {first}", "", "  ")
        _show_lines(rest)
    elif proposal.before == proposal.after:
        click.echo(f"{name}: there already, nothing to change")
    elif proposal.is_new:
        paragraph(f"{name} (new): {proposal.purpose}", "", "  ")
        _show_lines(proposal.after)
    else:
        what = "differs; this would replace it" if proposal.replaces else proposal.purpose
        paragraph(f"{name} (changed): {what}", "", "  ")
        before, after = (proposal.before or "").splitlines(), proposal.after.splitlines()
        _show_lines("\n".join(list(difflib.unified_diff(before, after, n=2, lineterm=""))[2:]))
    click.echo("")


def _show_lines(text: str) -> None:
    for line in text.splitlines():
        click.echo(f"  | {printable(line)}".rstrip())


def _write(proposal: _Proposal) -> None:
    """Write a file. Raises ConfigError where somebody else has written it meanwhile."""
    now = read_exactly(proposal.path) if proposal.path.exists() else None
    if now != proposal.before:
        raise ConfigError("it was changed by somebody else just now; it was not written", str(proposal.path))
    proposal.path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(proposal.path, proposal.after.encode("utf-8"))


def _baseline_wanted(look: _Look, wants: bool, can_ask: bool) -> bool:
    """Whether to set aside what is found now."""
    place = look.archive.root / (look.archive.settings.baseline or BASELINE)
    if place.exists() or not look.failing:
        return False
    paragraph(
        f"{counted(look.failing, 'seed')} would fail a check as it is now. A baseline sets aside what is found, so that only "
        "what is new counts: --baseline, or `validator baseline create` at any time.", "", "  ",
    )  # fmt: skip
    click.echo("")
    return wants or (can_ask and click.confirm("Set aside what is found now?", default=False))


def _create_baseline(look: _Look) -> int:
    """Create the baseline with the configuration as it is now; the exit code."""
    from validator.cli.baseline import create

    words = [word for folder in look.archive.request.schemas for word in ("--schemas", str(folder))]
    code = create.main(
        [*words, "--output", str(look.archive.root / (look.archive.settings.baseline or BASELINE)), str(look.archive.root)],
        prog_name="validator baseline create", standalone_mode=False,
    )  # fmt: skip
    return code if code in (2, 3) else 0


def _say_what_is_left(look: _Look, program: Program, written: Sequence[_Proposal]) -> None:
    """Say what a person has still to do."""
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
    for sentence in left:
        for line in wrap(printable(sentence), width_for(sys.stdout), "  - ", "    "):
            click.echo(line)
