"""`validator review`: a page in the browser on which a person decides, seed after seed."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import click

from validator.archive.git import git_identity
from validator.archive.opening import open_archive
from validator.cli.choice import discovered
from validator.cli.common import archive_options, make_request
from validator.reports.escaping import printable
from validator.reports.model import tool_version
from validator.reports.words import counted
from validator.review.desk import Desk, settle
from validator.text.errors import ConfigError

_NEEDED = ("starlette", "uvicorn")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="PORT",
    show_default="any that is free",
    help="Where the page is to be had.",
)
@click.option("--no-browser", is_flag=True, help="Open no browser; the address is printed anyway.")
@click.option(
    "--by", metavar="NAME", show_default="your name in git's configuration, else the page asks", help="Who decides."
)
@archive_options(source=False)
def review(
    paths: tuple[str, ...],
    port: int,
    no_browser: bool,
    by: str | None,
    config: Path | None,
    no_config: bool,
    schemas: tuple[Path, ...],
) -> int:
    """Decide on findings, seed after seed, on a page in the browser.

    The page shows each seed with what is found in it, and asks what no repair may decide: proposals, missing values, findings
    that are right to stay. What you decide is written at once, as `validator repair`, `attest` and `accept` write it, and can be
    undone. Only this machine can open the page. Ctrl-C ends it.

    PATHS are files and folders; without any, the whole archive.
    """
    for name in _NEEDED:
        if find_spec(name) is None:
            raise ConfigError(f"the page needs {name}: pip install 'seed-validator[review]'")
    archive = open_archive(make_request(config, no_config, schemas))
    for path in paths:
        place = os.path.realpath(path)
        if not f"{place}/".startswith(f"{str(archive.root).rstrip('/')}/"):
            raise ConfigError(f'"{path}" lies outside of the archive, {archive.root}: start in its own folder')
    found = discovered(archive, paths or (str(archive.root),))
    if found is None:
        return 0
    from validator.review.serving import serve

    desk = Desk(archive, " ".join((by or git_identity() or "").split()), tool_version())
    for note in settle(desk, found.seeds):
        _complain(note)
    serve(desk, found.seeds, port, opens_browser=not no_browser, say=click.echo, complain=_complain)
    click.echo(f"\nended, with {counted(len(desk.done), 'decision')}", err=True)
    return 0


def _complain(line: str) -> None:
    click.echo(f"validator: {printable(line)}", err=True)
