"""`validator completion`: the script with which a shell completes commands, options, names and files.

The script calls the program with the line so far in its environment, and click answers before any command runs.
"""

from __future__ import annotations

import click

from validator.cli.options import Choice, argument, command
from validator.cli.program import program
from validator.text.errors import ConfigError

PLACE = ("set up", 4)
VARIABLE = "_VALIDATOR_COMPLETE"  # click derives it from the program's name
SHELLS = ("bash", "zsh", "fish")


@command()
def completion(shell: str = argument(type=Choice(SHELLS))) -> None:
    """Print what lets a shell complete commands, options and names.

    Put it into a file that the shell reads: of bash ~/.local/share/bash-completion/completions/validator, of zsh _validator
    in a folder of $fpath, of fish ~/.config/fish/completions/validator.fish.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise ConfigError(f"click does not know {shell}")
    script = kind(program, {}, "validator", VARIABLE)
    # Not `source()`, which starts a shell to see its version: the script may be meant for another machine.
    click.echo(script.source_template % script.source_vars(), nl=False)
