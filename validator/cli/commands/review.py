"""`validator review`."""

from __future__ import annotations

import os
from importlib.util import find_spec

import click

from validator.archive.git import git_identity
from validator.cli.chosen import discovered
from validator.cli.options import ArchiveOptions, by_option, command, option, paths_argument
from validator.cli.terminal import complain
from validator.reports.model import tool_version
from validator.reports.words import counted
from validator.text.errors import ConfigError

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
) -> int:
    """Decide on findings, seed after seed, on a page in the browser.

    The page shows each seed with its findings, and asks what no repair may decide: proposals, missing values, findings to
    accept. What you decide is written at once, as `validator repair`, `attest` and `accept` write it, and can be
    undone. Only this machine can open the page. Ctrl-C ends it.

    PATHS are files and folders; without any, the whole archive.
    """
    for name in _NEEDED:
        if find_spec(name) is None:
            raise ConfigError(f"the page needs {name}: pip install 'seed-validator[review]'")
    from validator.review.desk import Desk, settle
    from validator.review.serving import serve

    archive = options.opened()
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
