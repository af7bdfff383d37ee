"""An archive on disk: its configuration, its sources, and the check of one seed with its sidecars."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from validator.archive.config import Settings, read_config, settings_for
from validator.archive.face import claim_of, named_source, schema_files, sources_of
from validator.archive.reading import Sidecars, read_seed
from validator.archive.root import Place, as_it_stands, find_config, find_root, read_text
from validator.archive.runner import run
from validator.archive.seeds import Seed
from validator.engine.checking import check_seed, in_foreign_format, unread_seed
from validator.engine.seen import Seen, look
from validator.engine.selecting import rules_shown, shown
from validator.record.sidecar import Sidecar
from validator.record.sidecar_reading import read_sidecar
from validator.rules import RULES
from validator.rules.views import Unread
from validator.sources.identify import Claim
from validator.sources.model import Sources
from validator.text.errors import ConfigError, nearest
from validator.text.findings import SeedReport

FAMILIES = frozenset(rule.family for rule in RULES.values())


@dataclass(frozen=True, slots=True)
class Request:
    """What a run was asked for.

    `config` is a file, None to look for one upwards from `folder`; `no_config` uses none. `select`, `fail_on` and `limit_seconds`
    override the configuration if given; `ignore` and `exclude` add to it. With `cached`, reports kept by an earlier run are used.
    Without `with_record`, reports have no record, values and body. With `with_traits` they have what the seed is recognised by,
    with `with_pairs` the seed beside those that findings name.
    """

    folder: Path
    config: Path | None = None
    no_config: bool = False
    schemas: tuple[Path, ...] = ()
    source: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str | None = None
    today: date | None = None
    cached: bool = True
    with_record: bool = True
    with_traits: bool = False
    with_pairs: bool = False
    limit_seconds: int | None = None
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Archive:
    """An opened archive; picklable. Sidecars are read from `tree`: the root, or a copy of it."""

    root: Path
    settings: Settings
    sources: Sources
    request: Request
    config_sha256: str | None
    schemas_sha256: str
    tree: Path

    @property
    def limit_seconds(self) -> int:
        """How much processor time one seed may take; 0 means no limit."""
        asked = self.request.limit_seconds
        return self.settings.limit_seconds if asked is None else asked


def open_archive(request: Request, place: Place = as_it_stands) -> Archive:
    """Read the configuration and the source schemas. Raises ConfigError: then nothing is checked.

    `place` says where to read each file, and may put it there.
    """
    check_rules((*request.select, *request.ignore))
    config = None if request.no_config else request.config or find_config(request.folder, place)
    root = find_root(request.folder, config)
    settings, config_sha256, text = Settings(), None, ""
    if config is not None:
        text = read_text(place(config), shown=config.name)
        config_sha256 = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        settings = read_config(text, config.name, known_rules=RULES, families=FAMILIES)
    own, others = schema_files([root / folder for folder in settings.schemas] + list(request.schemas), root, place)
    sources = sources_of(own, others)
    if config is not None:  # once more, now that the sources are known
        settings = read_config(text, config.name, known_rules=RULES, families=FAMILIES, known_sources=sources)
    if request.exclude:
        settings = replace(settings, exclude=(*settings.exclude, *request.exclude))
    if request.source is not None:
        named_source(request.source, "--source", sources)
    digest = sha256()
    for name, content in (*own, *others):
        digest.update(f"{name.rpartition('/')[2]}\0{content}\0".encode("utf-8", "surrogatepass"))
    return Archive(root, settings, sources, request, config_sha256, digest.hexdigest(), root)


def check_rules(names: Collection[str]) -> None:
    """Raise ConfigError, with the nearest name, unless each is a rule or a family of rules."""
    known = {*RULES, *FAMILIES}
    for name in names:
        if name not in known:
            near = nearest(name, known)
            raise ConfigError(
                f'no rule or family is called "{name}"{"" if near else "; `validator rules` lists them"}',
                suggestion=near,
            )


def rules_for(archive: Archive, path: str) -> frozenset[str]:
    """The rules whose findings are shown for the seed at `path`."""
    wanted, request = settings_for(archive.settings, path), archive.request
    return _rules_shown(request.select or wanted.select, (*wanted.ignore, *request.ignore))


@lru_cache(maxsize=64)
def _rules_shown(select: tuple[str, ...], ignore: tuple[str, ...]) -> frozenset[str]:
    return rules_shown(select, ignore)


def fails_on(archive: Archive, path: str) -> str:
    """The severity from which on a finding at `path` makes the run fail, or `never`."""
    return archive.request.fail_on or settings_for(archive.settings, path).fail_on


def claim_for(archive: Archive, path: str) -> Claim | None:
    """The source of the seed at `path` if the command line or the configuration names it."""
    return claim_of(archive.request.source, "--source", path, archive.sources, archive.settings)


def read_sidecars(archive: Archive, seed: Seed, sidecars: Sidecars | None = None) -> list[Sidecar]:
    """The sidecars of a seed, nearest first. One that cannot be read is a sidecar with a problem. `sidecars` are the run's."""
    has_none = sidecars is not None and seed.is_plain
    beside = (sidecars or Sidecars(archive.tree)).about(seed.folder, None if has_none else seed.place)
    return [parsed_sidecar(seed.name, *each) for each in beside]


def parsed_sidecar(path: str, name: str, content: bytes | str | Unread) -> Sidecar:
    """A sidecar, with what it says about the seed at `path`."""
    if isinstance(content, Unread):
        return Sidecar(name, problems=(f"{name}: {content.message}",))
    folder = name.rpartition("/")[0]
    return read_sidecar(content, name, path.removeprefix(f"{folder}/") if folder else path, RULES)


def judge(archive: Archive, seed: Seed, data: bytes | Unread | None = None) -> SeedReport:
    """The report of one seed, with the findings to be shown. `data` are its bytes if they were read already."""
    return selected(archive, judge_wholly(archive, seed, data))


def judged(archive: Archive, seeds: Sequence[Seed], jobs: int | None = None) -> Iterator[SeedReport]:
    """The report of each seed in their order, as `judge` gives it, made in as many processes as `run` says."""
    yield from run(seeds, partial(_judge, archive, Sidecars(archive.tree)), jobs, limit_seconds=archive.limit_seconds)


def _judge(archive: Archive, sidecars: Sidecars, seed: Seed) -> SeedReport:
    """The same as `judge`, for many seeds of one run."""
    content = read_seed(seed, archive.settings.limit_bytes)
    beside = () if isinstance(content, Unread) else read_sidecars(archive, seed, sidecars)
    return selected(archive, judge_wholly(archive, seed, content, beside))


def judge_wholly(
    archive: Archive,
    seed: Seed,
    data: bytes | Unread | None = None,
    sidecars: Sequence[Sidecar] | None = None,
    claim: Claim | None = None,
) -> SeedReport:
    """The report of one seed with all findings, whatever is to be shown. `sidecars` if they are parsed already.

    `claim` names its source, if something other than the command line and the configuration does.
    """
    content = read_seed(seed, archive.settings.limit_bytes) if data is None else data
    if isinstance(content, Unread):
        return unread_seed(seed.name, content)
    path, request = seed.name, archive.request
    beside = read_sidecars(archive, seed) if sidecars is None else sidecars
    return check_seed(
        content, archive.sources, path=path, claim=claim or claim_for(archive, path), sidecars=beside, today=request.today,
        with_record=request.with_record, with_traits=request.with_traits,
    )  # fmt: skip


def selected(archive: Archive, report: SeedReport) -> SeedReport:
    """A report with only the findings to be shown."""
    return shown(report, rules_for(archive, report.path)) if report.findings else report


def see(
    archive: Archive,
    seed: Seed,
    data: bytes | Unread | None = None,
    sidecars: Sequence[Sidecar] | None = None,
    claim: Claim | None = None,
) -> Seen | Unread:
    """Which source a seed is of and what its record holds, no rule having run. As for `judge_wholly`, the rest may be known."""
    from validator.record.sidecar import combine

    content = read_seed(seed, archive.settings.limit_bytes) if data is None else data
    if isinstance(content, Unread):
        return content
    foreign = in_foreign_format(content)
    if foreign is not None:
        return foreign
    return look(
        content, archive.sources, seed.name, claim or claim_for(archive, seed.name),
        combine(read_sidecars(archive, seed) if sidecars is None else sidecars),
    )  # fmt: skip


def example_failures(sources: Sources, identifier: str) -> list[str]:
    """Differences between a source's examples and the program's results, one line each."""
    source = sources[identifier]
    # A source that is never identified must be named.
    claim = Claim(identifier, "its schema") if source.identify is None else None
    failures = []
    for example in source.examples:
        report = check_seed(example["text"].encode(), sources, path=example.get("path"), claim=claim)
        where = f'{source.file}: example "{example["name"]}"'
        failures += [f"{where}: {problem}" for problem in _differences(example, report, identifier)]
    return failures


def _differences(example: Mapping[str, Any], report: SeedReport, identifier: str) -> Iterator[str]:
    expected_source = example.get("source", identifier)
    if (report.source or "") != expected_source:
        yield f"identified as {report.source or 'nothing'}, expected {expected_source or 'nothing'}"
        return
    if report.verdict is None or report.verdict.value != example["verdict"]:
        yield f"the verdict is {report.verdict}, expected {example['verdict']}"
    certain = not any(line.startswith("uncertain") for line in report.evidence)
    if example.get("certain", certain) != certain:
        yield f"the match is {'certain' if certain else 'uncertain'}"
    if example.get("layout", report.layout) != report.layout:
        yield f"it is read by layout {report.layout!r}, expected {example['layout']!r}"
    for name, value in example.get("record", {}).items():
        if report.record.get(name) != value:
            yield f"{name} is {report.record.get(name)!r}, expected {value!r}"
    expected, found = sorted(example.get("findings", ())), sorted(finding.rule for finding in report.findings)
    if found != expected:
        yield f"the findings are {', '.join(found) or 'none'}, expected {', '.join(expected) or 'none'}"
