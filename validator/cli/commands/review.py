"""`validator review`."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.archive.git import git_identity
from validator.cli.chosen import discovered
from validator.cli.options import ArchiveOptions, by_option, command, option, paths_argument
from validator.cli.terminal import complain, next_step
from validator.reports.model import tool_version
from validator.reports.words import counted
from validator.text.errors import ConfigError

if TYPE_CHECKING:
    from validator.archive.opening import Archive

PLACE = ("fix", 2)
_NEEDED = ("starlette", "uvicorn")


@command(ArchiveOptions)
def review(
    options: ArchiveOptions,
    paths: tuple[str, ...] = paths_argument(),
    port: int = option(
        "--port",
        type=click.IntRange(0, 65535),
        default=0,
        metavar="PORT",
        show_default="any that is free",
        help="The port of the page.",
    ),
    no_browser: bool = option("--no-browser", is_flag=True, help="Open no browser; the address is printed anyway."),
    by: str | None = by_option("Who decides.", ", else the page asks"),
    source: Path | None = option(
        "--source",
        type=click.Path(path_type=Path),
        metavar="SCHEMA",
        help="Correct this schema by pointing at values in its seeds; a file that is not there yet is drafted from them.",
    ),
) -> int:
    """Decide on findings, seed after seed, on a page in the browser.

    The page shows each seed with its findings, and asks what no repair may decide: proposals, missing values, findings to
    accept. What you decide is written at once, as `validator repair`, `attest` and `accept` write it, and can be
    undone. Only this machine can open the page. Ctrl-C ends it.

    PATHS are files and folders; without any, the whole archive.

    With --source the page is about a source schema instead: you select text in the seeds and say what it is.
    """
    for name in _NEEDED:
        if find_spec(name) is None:
            raise ConfigError(f"the page needs {name}: pip install 'seed-validator[review]'")
    archive = options.opened()
    if source is not None:
        return _point(archive, source, paths, port, opens_browser=not no_browser)
    from validator.review.desk import Desk, settle
    from validator.review.serving import serve

    for path in paths:
        place = os.path.realpath(path)
        if not f"{place}/".startswith(f"{str(archive.root).rstrip('/')}/"):
            raise ConfigError(f'"{path}" lies outside of the archive, {archive.root}: start in its own folder')
    found = discovered(archive, paths or (str(archive.root),))
    if found is None:
        return 0
    desk = Desk(archive, " ".join((by or git_identity() or "").split()), tool_version())
    for note in settle(desk, found.seeds):
        complain(note)
    serve(desk, found.seeds, port, opens_browser=not no_browser, say=click.echo, complain=complain)
    click.echo(f"\nended, with {counted(len(desk.done), 'decision')}", err=True)
    return 0


def _point(archive: Archive, file: Path, paths: tuple[str, ...], port: int, *, opens_browser: bool) -> int:
    """Serve the page that corrects a schema."""
    from validator.review.pointing import make_pointing_application, open_pointing
    from validator.review.serving import serve_application

    if not paths:
        raise ConfigError("name the seeds of the source too: validator review --source SCHEMA SEEDS")
    if file.suffix != ".yaml":
        raise ConfigError(f"a schema's file is called after its id: {file.stem}.yaml", str(file))
    found = discovered(archive, paths)
    if found is None:
        return 0
    pointing = open_pointing(archive, file, found.seeds)
    serve_application(
        lambda keys: make_pointing_application(pointing, keys, complain),
        port,
        opens_browser=opens_browser,
        say=click.echo,
    )
    left = "" if pointing.is_saved else "; what was not saved is gone"
    click.echo(f"\nended, with {counted(len(pointing.done), 'correction')}{left}", err=True)
    if pointing.is_saved:
        next_step("Next:", ["validator", "sources", "try", str(file), *(paths if len(paths) < 4 else ("SEEDS",))])
    return 0
