"""The house stays small: sizes of modules and functions, numbers of parameters, and the picture of its packages."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import validator

PACKAGE = Path(validator.__file__).parent
CHECKOUT = PACKAGE.parent
MOST_LINES_OF_A_MODULE = 600
MOST_LINES_OF_A_FUNCTION = 60
MOST_PARAMETERS = 8
PUBLIC_FACE = {"face.validate", "face.repair", "arrow.validate_batch", "arrow.validate_batches"}

MODULES = sorted(PACKAGE.rglob("*.py"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    given = function.args
    names = [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in MODULES])
def test_modules_and_functions_are_small(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES_OF_A_MODULE
    for function in functions(path):
        assert (function.end_lineno or 0) - function.lineno < MOST_LINES_OF_A_FUNCTION, function.name
        if f"{path.stem}.{function.name}" not in PUBLIC_FACE:
            assert parameters(function) <= MOST_PARAMETERS, function.name


def test_the_picture_shows_the_packages_in_the_order_of_the_contract() -> None:
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    page = (CHECKOUT / "docs" / "architecture.md").read_text("utf-8")
    picture = re.findall(r"```text\n(.*?)```", page, re.DOTALL)[0]
    assert re.findall(r"(?m)^([a-z]+) {2,}\S", picture) == layers
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert packages == {*layers}
