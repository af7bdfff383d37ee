r"""Options of commands. A field of a class, or a parameter of a function, declares its option; `command` lets click fill it.

@command(ArchiveOptions)
def show(options: ArchiveOptions, seed: str = argument(), is_short: bool = option("--short", is_flag=True)) -> int:
    \"""Show a seed.\"""

Options that several commands or functions share are a frozen class.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from validator.archive.config import FAIL_ON
from validator.archive.opening import FAMILIES, Archive, Request, open_archive
from validator.archive.reading import today
from validator.cli.terminal import wanted_color
from validator.reports.model import FORMATS
from validator.text.errors import ConfigError, nearest

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Work = Callable[..., "int | None"]


def option(*spellings: str, **declared: Any) -> Any:
    """A field that an option fills. `declared` is what `click.Option` takes."""
    empty: Any = () if declared.get("multiple") else False if declared.get("is_flag") else None
    made = {"kind": click.Option, "spellings": spellings, "declared": declared}
    return field(default=declared.get("default", empty), metadata=made)


def argument(**declared: Any) -> Any:
    """A field that an argument fills. `declared` is what `click.Argument` takes."""
    default = () if declared.get("nargs") == -1 else None
    return field(default=default, metadata={"kind": click.Argument, "spellings": (), "declared": declared})


class WithNearest(click.Command):
    """A command that names the nearest of its options when it does not know one, and none when nothing is near."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments. Raises NoSuchOption."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            near = nearest(
                error.option_name, (name for each in self.params for name in (*each.opts, *each.secondary_opts))
            )
            raise click.NoSuchOption(error.option_name, possibilities=[near] if near else None, ctx=error.ctx) from None


class Choice(click.Choice):  # type: ignore[type-arg]  # not generic before click 8.2
    """One of several values. Of a wrong one it is said which is the nearest, if any is near."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value. Raises BadParameter."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            near = nearest(str(value), self.choices)
            hint = f" Did you mean {near!r}?" if near else ""
            raise click.BadParameter(error.message + hint, ctx, param) from None


def color_option() -> click.Option:
    """--color, which every command has."""

    def call(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        if value is not None:
            context.color = wanted_color(value)

    return click.Option(
        ["--color"], type=Choice(("auto", "always", "never")), expose_value=False, is_eager=True, callback=call,
        help="Colors in what is printed; otherwise NO_COLOR and FORCE_COLOR say.", show_default="auto",
    )  # fmt: skip


def command(shared: Any = None, into: click.Group | None = None) -> Callable[[Work], click.Command]:
    """Make a click command of a function. It is named after the function; the docstring is its help.

    With `shared`, the function's first parameter is an object of that class, filled from the options that it declares.
    """

    def decorate(work: Work) -> click.Command:
        own = {name: each.default for name, each in inspect.signature(work).parameters.items()}
        common = {} if shared is None else {each.name: each for each in fields(shared)}
        declared = [(name, each.metadata) for name, each in (*common.items(), *own.items()) if isinstance(each, Field)]

        def call(**given: Any) -> int | None:
            filled = () if shared is None else (shared(**{name: given.pop(name) for name in common}),)
            return work(*filled, **given)

        params = [each["kind"]([*each["spellings"], name], **each["declared"]) for name, each in declared]
        name = work.__name__.removesuffix("_")
        made = WithNearest(name, callback=call, help=inspect.getdoc(work), params=[*params, color_option()])
        if into is not None:
            into.add_command(made)
        return made

    return decorate


# ---------------------------------------------------------------------------------------------------------------------
# Completion of names in a shell


def _starting_with(incomplete: str, known: dict[str, str | None], before: str = "") -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(before + name, help=text) for name, text in known.items() if name.startswith(incomplete)]


def complete_rules(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete rules. Where several names with commas are allowed, complete the last one, families too."""
    from validator.rules import RULES

    known: dict[str, str | None] = {name: rule.summary for name, rule in sorted(RULES.items())}
    if not parameter.multiple:
        return _starting_with(incomplete, known)
    known = {**dict.fromkeys(sorted(FAMILIES), "a family of rules"), **known}
    before, comma, last = incomplete.rpartition(",")
    unused = {name: text for name, text in known.items() if name not in before.split(",")}
    return _starting_with(last, unused, before + comma)


def complete_sources(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete sources: those of the archive too, if its configuration is sound."""
    from validator.archive.face import own_sources

    given = {name: value for name in ("config", "no_config", "schemas") if (value := context.params.get(name))}
    try:
        known = ArchiveOptions(**given).opened().sources
    except (ConfigError, OSError):
        known = own_sources()
    return _starting_with(incomplete, {name: source.title for name, source in known.items()})


def complete_fields(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete fields of the record."""
    from validator.sources.model import FIELDS

    return _starting_with(incomplete, dict.fromkeys(FIELDS))


# ---------------------------------------------------------------------------------------------------------------------
# What several commands share


def paths_argument(**declared: Any) -> Any:
    """Any number of files and folders."""
    return argument(nargs=-1, type=click.Path(), **declared)


def schemas_option() -> Any:
    """--schemas."""
    text = "A folder with more source schemas. Repeatable."
    return option("--schemas", type=click.Path(path_type=Path), metavar="FOLDER", multiple=True, help=text)


def names_option(spelling: str, text: str) -> Any:
    """An option that takes rules or families, several with commas between them, and may be repeated."""
    return option(
        spelling, multiple=True, metavar="NAMES", shell_complete=complete_rules, help=text, callback=_split_at_commas
    )


def _split_at_commas(context: click.Context, parameter: click.Parameter, values: Collection[str]) -> tuple[str, ...]:
    return tuple(name for value in values for part in value.split(",") if (name := part.strip()))


def by_option(text: str, otherwise: str = "") -> Any:
    """--by NAME."""
    return option("--by", metavar="NAME", show_default=f"your name in git's configuration{otherwise}", help=text)


def format_option(*forms: str, text: str | None = None) -> Any:
    """--format, with the first form unless another one is asked for."""
    return option("--format", type=Choice(forms), default=forms[0], show_default=True, help=text)


def jobs_option() -> Any:
    """--jobs N."""
    text = "How many processes work."
    return option(
        "--jobs", type=click.IntRange(min=1), metavar="N", show_default="as many as make it faster", help=text
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveOptions:
    """Which configuration and schemas a command uses."""

    config: Path | None = option(
        "--config", type=click.Path(path_type=Path), metavar="FILE", show_default="the nearest one, in this folder or above",
        help="The configuration file.",
    )  # fmt: skip
    no_config: bool = option("--no-config", is_flag=True, help="Use no configuration file.")
    schemas: tuple[Path, ...] = schemas_option()

    def request(self, **more: Any) -> Request:
        """The request of a run that starts in the working directory, today. Raises ConfigError."""
        if self.config is not None and self.no_config:
            raise ConfigError("--config and --no-config were both given")
        if self.config is not None and not self.config.is_file():
            raise ConfigError("there is no such configuration file", str(self.config))
        for folder in self.schemas:
            if not folder.is_dir():
                raise ConfigError("there is no such folder of schemas", str(folder))
        config = self.config.absolute() if self.config else None
        schemas = tuple(folder.absolute() for folder in self.schemas)
        asked = {"source", "select", "ignore", "fail_on", "limit_seconds", "exclude"}.intersection(
            each.name for each in fields(self)
        )
        given = {name: getattr(self, name) for name in asked} | {"cached": not getattr(self, "no_cache", True)}
        return Request(Path.cwd(), config, self.no_config, schemas, today=today(), **given)

    def opened(self) -> Archive:
        """The archive that the command works on. Raises ConfigError."""
        return open_archive(self.request())


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions(ArchiveOptions):
    """The same, with a source for the seeds."""

    source: str | None = option(
        "--source", metavar="ID", shell_complete=complete_sources, help="The source that the seeds are from."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsOptions(ArchiveOptions):
    """The same, with the number of processes."""

    jobs: int | None = jobs_option()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions(SourceOptions):
    """What `validate` and `repair` share."""

    paths: tuple[str, ...] = paths_argument()
    select: tuple[str, ...] = names_option("--select", "Show only these rules or families (a,b). Repeatable.")
    ignore: tuple[str, ...] = names_option("--ignore", "Do not show these rules or families (a,b). Repeatable.")
    limit_seconds: int | None = option(
        "--limit-seconds", type=click.IntRange(min=0), metavar="N", show_default="60, or the configuration's limit",
        help="The processor time that one seed may take; 0 means no limit.",
    )  # fmt: skip
    stdin_filename: str | None = option(
        "--stdin-filename", metavar="PATH", help="The name of the seed that `-` reads from standard input."
    )
    list_file: str | None = option(
        "--files-from", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True),
        help="Take more PATHS from a list, one per line; `-` reads it from standard input.",
    )  # fmt: skip
    null: bool = option("-0", "--null", is_flag=True, help="With --files-from: names end in NUL, not at a line's end.")
    exclude: tuple[str, ...] = option(
        "--exclude",
        multiple=True,
        metavar="GLOB",
        help="Leave these files out, besides what the configuration excludes.",
    )
    quiet: bool = option("-q", "--quiet", is_flag=True, help="Print the findings, and one line of summary.")
    hook: bool = option("--hook", is_flag=True, help="Work as a hook: a program names the files, not you.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateOptions(RunOptions):
    """What `validate` was asked to do."""

    fail_on: str | None = option(
        "--fail-on", type=Choice(FAIL_ON), show_default="error",
        help="The lowest severity that makes the exit code 1.",
    )  # fmt: skip
    formats: tuple[str, ...] = option(
        "--format", "--output-format", type=Choice(FORMATS), show_default="text", multiple=True, metavar="FORMAT",
        help=f"The form of the report: {', '.join(FORMATS)}. Repeatable, each with its --output.",
    )  # fmt: skip
    outputs: tuple[str, ...] = option(
        "--output", type=click.Path(allow_dash=True), metavar="FILE", multiple=True,
        help="Write the report to this file; `-` is standard output. With --engine ray, a folder.",
    )  # fmt: skip
    engine: str = option(
        "--engine", type=Choice(("local", "ray")), default="local", show_default=True,
        help="Who does the work: this program, or a Ray cluster, which also reads Parquet and JSON Lines and writes "
        "Parquet.",
    )  # fmt: skip
    compare_with: Path | None = option(
        "--compare-with", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
        help="Say what has changed since an earlier report in json or jsonl: in text and html.",
    )  # fmt: skip
    full: bool = option("--full", is_flag=True, help="Show each finding at its place, however many there are.")
    with_statistics: bool = option(
        "--statistics", is_flag=True, help="Print how often each rule finds something, instead of a report for people."
    )
    fix: bool = option("--fix", is_flag=True, help="Carry out safe fixes first, as `repair` does.")
    exit_zero: bool = option("--exit-zero", is_flag=True, help="Exit with 0 although something is found.")
    jobs: int | None = jobs_option()
    no_cache: bool = option("--no-cache", is_flag=True, help="Neither use nor keep results of earlier runs.")
    staged: bool = option("--staged", is_flag=True, help="Check what is staged, as a commit would hold it.")
    since: str | None = option(
        "--since", metavar="REF", help="Check what has changed since HEAD left this commit or branch."
    )
    given_baseline: Path | None = option(
        "--baseline", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
        help="Set aside the findings that this file lists: they are not open.",
    )  # fmt: skip
    no_baseline: bool = option(
        "--no-baseline", is_flag=True, help="Set nothing aside, whatever the configuration says."
    )
    strict_baseline: bool = option(
        "--strict-baseline", is_flag=True, help="Fail too if the baseline lists findings that are gone."
    )
    verbose: bool = option("-v", "--verbose", is_flag=True, help="List seeds without findings too.")

    @property
    def is_by_git(self) -> bool:
        """Whether git says which seeds to check."""
        return self.staged or self.since is not None

    @property
    def baseline(self) -> Path | None:
        """The baseline that replaces the configuration's."""
        return None if self.no_baseline else self.given_baseline
