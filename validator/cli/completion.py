"""`validator completion`: what a shell needs to complete commands, options, names of rules, families and sources, and files.

The script of a shell calls the program with the line so far in its environment, and the library of the command line answers
before any command runs. Where a name is asked for, it comes here.
"""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

from validator.text.errors import ConfigError

VARIABLE = "_VALIDATOR_COMPLETE"  # what the library derives from the program's name
SHELLS = ("bash", "zsh", "fish")


@click.command(short_help="Print what lets a shell complete commands, options and names.")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that lets a shell complete commands, options and names.

    It belongs into a file that the shell reads: of bash ~/.local/share/bash-completion/completions/validator, of zsh _validator
    in a folder of $fpath, of fish ~/.config/fish/completions/validator.fish.
    """
    from validator.cli.commands import program

    kind = get_completion_class(shell)
    if kind is None:
        raise ConfigError(f"{shell} is not known to the library of the command line")
    script = kind(program, {}, "validator", VARIABLE)
    # Not `source()`, which starts a shell to see its version: the script may be meant for another machine.
    click.echo(script.source_template % script.source_vars(), nl=False)


def names_of_rules(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Rules; where several may stand with commas between them, families too, and the last one is completed."""
    from validator.archive.opening import FAMILIES
    from validator.rules import RULES

    known = {name: rule.summary for name, rule in sorted(RULES.items())}
    before, comma, last = "", "", incomplete
    if parameter.multiple:
        known = dict.fromkeys(sorted(FAMILIES), "a family of rules") | known
        before, comma, last = incomplete.rpartition(",")
    return [
        CompletionItem(f"{before}{comma}{name}", help=summary)
        for name, summary in known.items()
        if name.startswith(last) and name not in before.split(",")
    ]


def names_of_sources(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The sources that are known here, those of the archive too where its configuration is sound."""
    from validator.archive.face import own_sources
    from validator.cli.common import opened

    said = context.params
    try:
        known = opened(said.get("config"), bool(said.get("no_config")), said.get("schemas") or ()).sources
    except (ConfigError, OSError):
        known = own_sources()
    return [CompletionItem(name, help=source.title) for name, source in known.items() if name.startswith(incomplete)]


def names_of_fields(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The fields of the record."""
    from validator.sources.model import FIELDS

    return [CompletionItem(name) for name in FIELDS if name.startswith(incomplete)]
