"""The names of click that a command is declared with, as facts: click is imported only where a call needs it.

Importing click takes twice as long as starting Python, and a commit hook asks for `validate FILE` and little more. A command
is declared as ever (`if TYPE_CHECKING: import click`, `else: from validator.cli import declared as click`); `Declared.plain`
reads arguments that can mean but one thing, `Declared.build` hands the same declarations to click for all others. Any other
name of click is click's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from validator.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import click


class _Kind:
    """A type of click's for values, and what it is made with."""

    def __init__(self, *values: Any, **named: Any) -> None:
        self.values = values
        self.named = named

    def build(self) -> Any:
        """What click has of this name."""
        import click

        return getattr(click, type(self).__name__)(*self.values, **self.named)


class Choice(_Kind):
    """One of some words."""


class IntRange(_Kind):
    """A number."""


class Path(_Kind):
    """A path."""


@dataclass(frozen=True, slots=True)
class _Parameter:
    """An option, or (`is_option` false) an argument, as it was declared."""

    is_option: bool
    names: tuple[str, ...]
    settings: dict[str, Any]

    @property
    def name(self) -> str:
        """What the command's function calls it."""
        own = [name for name in self.names if not name.startswith("-")]
        long = [name for name in self.names if name.startswith("--")]
        return (own or long)[0].lstrip("-").replace("-", "_")

    def declare(self, function: Any) -> Any:
        """Declare it with click."""
        import click

        settings = {name: value.build() if isinstance(value, _Kind) else value for name, value in self.settings.items()}
        return (click.option if self.is_option else click.argument)(*self.names, **settings)(function)


class Declared:
    """A command as it was declared."""

    def __init__(self, function: Callable[..., Any], parameters: list[_Parameter], settings: dict[str, Any]) -> None:
        self.function = function
        self.parameters = parameters
        self._settings = settings

    def build(self) -> click.Command:
        """The command, for click to call."""
        import click

        for parameter in reversed(self.parameters):
            parameter.declare(self.function)
        command: click.Command = click.command(**self._settings)(self.function)
        return command

    def plain(self, arguments: Sequence[str]) -> dict[str, Any] | None:
        """What click would give the function for these arguments; None where only click can tell, mistakes among them.

        Plain are options by one of their whole names, each at most once unless it can be repeated, their values as words of
        their own or after `=`; flags; and paths, at least one.
        """
        options = {name: each for each in self.parameters if each.is_option for name in each.names}
        given: dict[str, Any] = {each.name: _default(each) for each in self.parameters if each.is_option}
        paths: list[str] = []
        seen = set()
        words = iter(arguments)
        for word in words:
            if word == "-" or not word.startswith("-"):
                paths.append(word)
                continue
            name, equals, value = word.partition("=")
            option = options.get(name)
            if option is None or (equals and not name.startswith("--")):
                return None
            if option.settings.get("is_flag"):
                if equals:
                    return None
                given[option.name] = True
                continue
            converted = _converted(option, value if equals else next(words, ""))
            if converted is None or (option.name in seen and not option.settings.get("multiple")):
                return None
            seen.add(option.name)
            given[option.name] = (*given[option.name], converted) if option.settings.get("multiple") else converted
        arguments_declared = [each for each in self.parameters if not each.is_option]
        if not paths or "" in paths or [each.settings.get("nargs") for each in arguments_declared] != [-1]:
            return None
        return {arguments_declared[0].name: tuple(paths), **given}


def _default(option: _Parameter) -> Any:
    if option.settings.get("multiple"):
        return ()
    return option.settings.get("default", False if option.settings.get("is_flag") else None)


def _converted(option: _Parameter, value: str) -> Any:
    """The value of an option as its kind has it, None where that is click's to say."""
    kind = option.settings.get("type")
    if not value or value.startswith("-"):
        return None
    if kind is None:
        return value
    if isinstance(kind, Choice) and set(kind.named) == set() and value in kind.values[0]:
        return value
    if isinstance(kind, IntRange) and set(kind.named) == {"min"} and value.isascii() and value.isdecimal():
        return int(value) if int(value) >= kind.named["min"] else None
    if isinstance(kind, Path) and set(kind.named) <= {"path_type", "allow_dash"}:
        return kind.named.get("path_type", str)(value)
    return None


def _declare(is_option: bool, names: tuple[str, ...], settings: dict[str, Any]) -> Callable[[Any], Any]:
    parameter = _Parameter(is_option, names, settings)

    def decorate(function: Any) -> Any:
        if (
            getattr(function.__globals__.get("click"), "__name__", "") == "click"
        ):  # its module declares with click itself
            return parameter.declare(function)
        function.__dict__.setdefault("__declared__", []).insert(0, parameter)
        return function

    return decorate


def option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    """As `click.option`."""
    return _declare(True, names, settings)


def argument(*names: str, **settings: Any) -> Callable[[Any], Any]:
    """As `click.argument`."""
    return _declare(False, names, settings)


def command(**settings: Any) -> Callable[[Any], Declared]:
    """As `click.command`, but the command has still to be built."""
    return lambda function: Declared(function, function.__dict__.pop("__declared__", []), settings)


def __getattr__(name: str) -> Any:
    import click

    return getattr(click, name)
