"""Who may import whom, and who may touch the world: read from the source of every module."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import validator

PACKAGE = Path(validator.__file__).parent

# Functions of bytes and values: no file, no clock, no environment. The order of the packages is in pyproject.toml, held by
# import-linter.
PURE = ("text", "parsing", "sources", "record", "rules", "engine", "repairs", "defects", "learning")
FOR_RULES = ("text", "parsing", "record.model", "sources.model", "rules.views", "rules.registry")
HEAVY = ("jsonschema", "chardet", "ftfy", "ruamel", "turbohtml", "pyarrow", "ray", "fsspec")
LAZY = (*HEAVY, "click", "yaml", "re2")

OF_THE_WORLD = (
    *("os", "subprocess", "shutil", "tempfile", "glob", "time", "socket", "io", "getpass", "locale", "platform"),
    *("importlib.resources", "fcntl", "urllib.request"),
)
NAMES_OF_THE_WORLD = ("open", "input", "print", "exec", "eval", "__import__")
OF_SYS = ("argv", "stdin", "stdout", "stderr", "exit")
PURE_PATHS = ("PurePath", "PurePosixPath")
CLOCKS = ("now", "utcnow", "today", "localtime", "perf_counter")
OF_A_PATH = (
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "iterdir",
    "rglob",
    "unlink",
    "mkdir",
    "is_file",
    "is_dir",
)


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
LAYERED = [name for name in MODULES if name not in ("", "__main__")]


def layer(name: str) -> str:
    return name.partition(".")[0]


def is_for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports(name: str, with_types: bool = True) -> Iterator[str]:
    """What a module imports, anywhere in it: modules by their whole names."""

    def walk(node: ast.AST) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt) and is_for_types(child) and not with_types:
                continue
            if isinstance(child, ast.Import):
                yield from (alias.name for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{name} imports relatively"
                base = child.module or ""
                for alias in child.names:
                    inner = f"{base}.{alias.name}"
                    if inner != "validator.__version__":
                        yield inner if inner.removeprefix("validator.") in MODULES else base
            else:
                yield from walk(child)

    yield from walk(MODULES[name])


def own_imports(name: str, with_types: bool = True) -> list[str]:
    """The modules of this package that a module imports, without the package's name."""
    return [
        imported.removeprefix("validator").removeprefix(".")
        for imported in imports(name, with_types)
        if imported.partition(".")[0] == "validator"
    ]


@pytest.mark.parametrize("name", [name for name in LAYERED if name.startswith("rules.")])
def test_a_rule_knows_its_view_and_nothing_else(name: str) -> None:
    for imported in own_imports(name, with_types=False):
        assert name == "rules.views" or imported.startswith(FOR_RULES) or declares_no_rule(imported), imported


def declares_no_rule(name: str) -> bool:
    """Whether a module of the rules only helps other modules there."""
    nodes = ast.walk(MODULES[name])
    decorators = (each for node in nodes if isinstance(node, ast.FunctionDef) for each in node.decorator_list)
    names = (each.func for each in decorators if isinstance(each, ast.Call))
    return layer(name) == "rules" and not any(isinstance(each, ast.Name) and each.id == "rule" for each in names)


def test_nobody_imports_the_command_line() -> None:
    for name in LAYERED:
        assert layer(name) == "cli" or "cli" not in [layer(imported) for imported in own_imports(name)]
    assert own_imports("__main__") == ["cli"]


@pytest.mark.parametrize("name", [name for name in LAYERED if layer(name) in PURE])
def test_only_the_edge_touches_the_world(name: str) -> None:
    assert list(touches(MODULES[name])) == []
    # The program's own tables are read in one place.
    assert ("pkgutil" in imports(name)) == (name in ("text.tables", "rules"))


def touches(tree: ast.Module) -> Iterator[str]:
    """What in a module reads or changes the world, each with its line."""
    for node in ast.walk(tree):
        for what in (*touching_imports(node), *touching_names(node)):
            yield f"line {getattr(node, 'lineno', 0)}: {what}"


def touching_imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if {alias.name, layer(alias.name)} & {*OF_THE_WORLD, "pathlib"}:
                yield f"import {alias.name}"
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        for alias in node.names:
            is_path = module == "pathlib" and alias.name not in PURE_PATHS
            if is_path or {module, layer(module), f"{module}.{alias.name}"} & set(OF_THE_WORLD):
                yield f"from {module} import {alias.name}"


def touching_names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in NAMES_OF_THE_WORLD:
            yield f"{name}()"
        case ast.Call(func=ast.Attribute(attr=name)) if name in (*CLOCKS, *OF_A_PATH):
            yield f".{name}()"
        case ast.Attribute(value=ast.Name(id="sys"), attr=name) if name in OF_SYS:
            yield f"sys.{name}"


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "import os.path",
        "from os import path",
        "import time",
        "def f():\n    import subprocess",
        "from pathlib import Path",
        "from importlib import resources",
        "open('x')",
        "print(1)",
        "datetime.now()",
        "datetime.date.today()",
        "path.read_bytes()",
        "sys.stdout.write('x')",
    ],
)
def test_touching_the_world_is_noticed(text: str) -> None:
    assert len(list(touches(ast.parse(text)))) == 1


@pytest.mark.parametrize(
    "text", ["from pathlib import PurePosixPath", "from datetime import time", "import re", "today", "settings.today"]
)
def test_what_does_not_touch_the_world(text: str) -> None:
    assert list(touches(ast.parse(text))) == []


@pytest.mark.parametrize("name", list(MODULES))
def test_heavy_libraries_are_imported_where_they_are_used(name: str) -> None:
    for node in MODULES[name].body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            imported = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            assert not {each.partition(".")[0] for each in imported} & set(HEAVY), f"{name}, line {node.lineno}"


def loaded_after(statement: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after a statement."""
    command = [sys.executable, "-c", f"{statement}; import sys; print(*sys.modules)"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True, cwd=PACKAGE.parent).stdout.split())


def test_importing_the_package_loads_nothing_that_is_not_needed() -> None:
    loaded = loaded_after("import validator")
    assert "validator" in loaded
    assert {name.partition(".")[0] for name in loaded} & set(LAZY) == set()
    assert {name for name in loaded if name.startswith("validator.")} == set()


def test_the_edge_itself_loads_none_of_it() -> None:
    loaded = loaded_after("import validator.archive.discovery, validator.archive.runner, validator.archive.config")
    assert {name.partition(".")[0] for name in loaded} & set(LAZY) == set()


def test_what_the_package_promises_is_there() -> None:
    for name in validator.__all__:
        assert getattr(validator, name) is not None
    assert set(validator.__all__) <= set(dir(validator))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = validator.no_such_name


def test_no_package_takes_the_name_of_a_public_function() -> None:
    command = "import validator; [validator.repair(b'One.', source='plain-text') for turn in range(2)]; print('twice')"
    done = subprocess.run(
        [sys.executable, "-c", command], check=True, capture_output=True, text=True, cwd=PACKAGE.parent
    )
    assert done.stdout == "twice\n"
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")}.isdisjoint(validator.__all__)
