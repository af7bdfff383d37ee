"""What a rule is, and how one is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from validator.rules.views import Found
from validator.text.findings import Applicability, Severity

Check = Callable[..., Iterator[Found]]
Function = TypeVar("Function", bound=Check)


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A rule: a generator function over one view, with its defaults.

    `applicability` is the highest that any of its fixes may have, None if it never has one. `replaces` are the characters that
    its safe edits may delete. `options` are its keyword-only parameters with their defaults.

    `looks_everywhere`: it also looks at markup and code. `rests_on_source`: its fixes are right only if the source is, so they
    are safe only if that is certain.

    `triggers` are patterns (RE2, MULTILINE), or a function that gives them. With its default options the rule finds something
    only in a text in which all of them match, so it is not asked about others. A pattern has no `^` and no bounded repeat such
    as `{0,60}`: they would make the search for all triggers slow.

    `about` gives what the rule speaks of: an attribute of its view. It is not asked if that is empty, None or ''.
    """

    name: str
    family: str
    check: Check
    view: str
    severity: Severity
    applicability: Applicability | None
    replaces: str
    options: dict[str, Any]
    looks_everywhere: bool = False
    rests_on_source: bool = False
    triggers: tuple[str, ...] | Callable[[], tuple[str, ...]] = ()
    about: Callable[[Any], object] | None = None

    @property
    def is_of_archive(self) -> bool:
        """Whether it compares a seed with others of its archive."""
        return self.view == "Neighbours"

    @property
    def document(self) -> str:
        """Its documentation: the docstring of the function, as `inspect.getdoc` gives it but without that import."""
        first, *others = (self.check.__doc__ or "").expandtabs().split("\n")
        indent = min((len(line) - len(line.lstrip()) for line in others if line.strip()), default=0)
        return "\n".join([first.lstrip(), *(line[indent:] for line in others)]).strip("\n")

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return self.document.split("\n", 1)[0].strip()


RULES: dict[str, Rule] = {}
_of_view = cache(attrgetter)  # rules that are about the same share it


def rule(
    *,
    severity: Severity,
    applicability: Applicability | None = None,
    replaces: str = "",
    looks_everywhere: bool = False,
    rests_on_source: bool = False,
    triggers: tuple[str, ...] | Callable[[], tuple[str, ...]] = (),
    about: str = "",
) -> Callable[[Function], Function]:
    """Declare a rule. Its name comes from the function, its family from the module, its view from the first annotation."""

    def declare(check: Function) -> Function:
        name = check.__name__.replace("_", "-")
        family = check.__module__.rpartition(".")[2].rstrip("_").replace("_", "-")
        view = check.__annotations__[check.__code__.co_varnames[0]]
        options = dict(check.__kwdefaults__ or {})
        RULES[name] = Rule(
            name, family, check, view, severity, applicability, replaces, options, looks_everywhere, rests_on_source,
            triggers, _of_view(about) if about else None,
        )  # fmt: skip
        return check

    return declare
