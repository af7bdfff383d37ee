"""What a rule is, and how one is declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from validator.findings import Applicability, Severity
from validator.views import Found

Check = Callable[..., Iterator[Found]]
Function = TypeVar("Function", bound=Check)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: a generator function over one view, with its defaults.

    `applicability` is the highest that any of its fixes may have, None where it never has one. `replaces` are the
    characters that a safe edit of it may take away. `options` are its keyword-only parameters with their defaults.
    """

    name: str
    family: str
    check: Check
    view: str
    severity: Severity
    applicability: Applicability | None
    replaces: str
    options: dict[str, Any]
    document: str

    @property
    def summary(self) -> str:
        """The first line of its documentation."""
        return self.document.split("\n", 1)[0].strip()


RULES: dict[str, Rule] = {}


def rule(
    *,
    severity: Severity,
    applicability: Applicability | None = None,
    replaces: str = "",
) -> Callable[[Function], Function]:
    """Declare a rule. Its name comes from the function, its family from the module, its view from the first annotation."""

    def declare(check: Function) -> Function:
        name = check.__name__.replace("_", "-")
        parameters = list(inspect.signature(check).parameters.values())
        family = check.__module__.rpartition(".")[2].rstrip("_").replace("_", "-")
        options = {p.name: p.default for p in parameters[1:] if p.kind is p.KEYWORD_ONLY}
        RULES[name] = Rule(
            name, family, check, str(parameters[0].annotation), severity, applicability, replaces, options,
            inspect.getdoc(check) or "",
        )  # fmt: skip
        return check

    return declare
