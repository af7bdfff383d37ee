"""What the contract is run on: the versions that pyproject.toml allows, lowest or newest, as lines for pip.

    python tests/floors.py lowest      # chardet==7.3.0
    python tests/floors.py newest      # chardet>=7.3

The lowest are derived from the ranges, so there is no second list of them. Ray is left out: `validator.batch.arrow`
needs none of it, and it is larger than all the rest together.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from packaging.requirements import Requirement

Which = Literal["lowest", "newest"]

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
TESTED_WITH = ("pytest", "hypothesis")
LEFT_OUT = ("ray",)


def project() -> dict[str, Any]:
    """The table `project` of pyproject.toml."""
    read: dict[str, Any] = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]
    return read


def needed(table: dict[str, Any], *extras: str) -> Iterator[Requirement]:
    """What the program needs with these extras; the project's own name in an extra stands for that one's requirements."""
    for line in table["dependencies"]:
        yield Requirement(line)
    named = list(extras)
    for extra in named:
        for line in table["optional-dependencies"][extra]:
            requirement = Requirement(line)
            if requirement.name == table["name"]:
                named += sorted(requirement.extras)
            else:
                yield requirement


def floor(requirement: Requirement) -> str:
    """The lowest version that a requirement allows. Raises ValueError if it does not have exactly one."""
    (lowest,) = [each.version for each in requirement.specifier if each.operator in (">=", "==")]
    return lowest


def contract(table: dict[str, Any], which: Which) -> Iterator[str]:
    """The lines for pip: the program's own requirements, those of the page and of the columns, and those of the tests."""
    tools = [each for each in map(Requirement, table["optional-dependencies"]["dev"]) if each.name in TESTED_WITH]
    for requirement in (*needed(table, "ray", "review"), *tools):
        if requirement.name not in LEFT_OUT:
            yield f"{requirement.name}=={floor(requirement)}" if which == "lowest" else str(requirement)


if __name__ == "__main__":
    asked: Which = "newest" if sys.argv[1:] == ["newest"] else "lowest"
    sys.stdout.writelines(f"{line}\n" for line in contract(project(), asked))
