"""Who may import whom, and who may touch the world: read from the source of every module."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import validator

PACKAGE = Path(validator.__file__).parent

# A module imports only from those before it.
ORDER = (
    *(
        "frozen",
        "expressions",
        "digests",
        "errors",
        "text",
        "languages",
        "exemplars",
        "letters",
        "misread",
        "globs",
        "patterns",
        "findings",
    ),
    *("signatures", "foreign", "conflicts"),
    *("decoding", "composing", "front_matter", "dates", "bylines", "placeholders", "json_schema", "markup", "pages"),
    *(
        "sources",
        "formats",
        "source_schema",
        "compiled",
        "drafting",
        "sidecars",
        "comparing",
        "record",
        "views",
        "rules",
    ),
    *(
        "plans",
        "edits",
        "engine",
        "mending",
        "deciding",
        "config",
        "files",
        "cache",
        "store",
        "preservation",
        "git",
        "face",
        "archive",
        "bounds",
        "runner",
    ),
    *("desk", "results", "reports", "baseline", "loosening", "arrow", "datasets", "cluster", "review", "cli"),
)
HOLDS_PATHS = ("face", "archive")  # hand paths on to files, and do nothing else with them
# May touch files, the clock and the environment.
EDGE = (
    "files",
    "cache",
    "store",
    "preservation",
    "git",
    "desk",
    "results",
    "reports",
    "datasets",
    "cluster",
    "review",
    "cli",
)
FOR_RULES = (
    "frozen",
    "expressions",
    "conflicts",
    "views",
    "findings",
    "text",
    "rules.registry",
    "decoding",
    "dates",
    "placeholders",
    "markup",
    "languages",
    "letters",
    "misread",
)
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


def test_every_module_has_its_place() -> None:
    assert {layer(name) for name in LAYERED} - set(ORDER) == set()
    assert len(LAYERED) > 10


@pytest.mark.parametrize("name", LAYERED)
def test_imports_point_one_way(name: str) -> None:
    for imported in own_imports(name):
        assert imported, f"{name} imports the package itself"
        inside = layer(imported) == layer(name) and layer(name) in ("rules", "preservation", "reports", "review", "cli")
        assert inside or ORDER.index(layer(imported)) < ORDER.index(layer(name)), f"{name} imports {imported}"


@pytest.mark.parametrize("name", [name for name in LAYERED if name.startswith("rules.")])
def test_a_rule_knows_its_view_and_nothing_else(name: str) -> None:
    assert set(own_imports(name, with_types=False)) <= set(FOR_RULES)


def test_nobody_imports_the_command_line() -> None:
    for name in LAYERED:
        assert layer(name) == "cli" or "cli" not in [layer(imported) for imported in own_imports(name)]
    assert own_imports("__main__") == ["cli"]


@pytest.mark.parametrize("name", LAYERED)
def test_only_the_edge_touches_the_world(name: str) -> None:
    if layer(name) in EDGE:
        pytest.skip("the edge")
    called = {"frozen": "exec()", "compiled": "eval()"}
    allowed = called.get(name, "from pathlib import Path" if name in HOLDS_PATHS else "nothing")
    assert [what for what in touches(MODULES[name]) if not what.endswith(allowed)] == []


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
    loaded = loaded_after("import validator.files, validator.runner, validator.config")
    assert {name.partition(".")[0] for name in loaded} & set(LAZY) == set()


def test_what_the_package_promises_is_there() -> None:
    for name in validator.__all__:
        assert getattr(validator, name) is not None
    assert set(validator.__all__) <= set(dir(validator))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = validator.no_such_name


CLEAN = {
    "a text": ("article.txt", "The first line of an article.\n\nThe second one, which ends it.\n"),
    "front matter": (
        "_posts/2021-03-04-one.md",
        '---\ntitle: One\ndate: 2021-03-04\nauthor: A. Writer\nurl: "https://example.org/one"\n---\n\nOne line.\n',
    ),
}
# What takes long to import and is for dirty seeds, other commands and many seeds only.
NOT_FOR_A_CLEAN_SEED = (
    *(*HEAVY, "click", "yaml", "json", "tomllib", "referencing", "attr", "zoneinfo", "html", "difflib", "hashlib"),
    *("dataclasses", "inspect", "multiprocessing", "subprocess", "tempfile", "shutil", "socket", "threading", "pickle"),
    *("importlib.metadata", "asyncio", "logging", "argparse", "gettext", "locale"),
    *("validator.source_schema", "validator.composing", "validator.mending", "validator.preservation"),
    *("validator.drafting", "validator.cli.commands", "validator.results", "sqlite3"),
)


@pytest.mark.parametrize("option", ["--verbose", "--hook"])
@pytest.mark.parametrize("case", CLEAN)
def test_a_clean_seed_is_checked_without_what_it_does_not_need(case: str, option: str, tmp_path: Path) -> None:
    name, text = CLEAN[case]
    root = tmp_path / "archive"
    seed = root / name
    seed.parent.mkdir(parents=True)
    seed.write_text(text, "utf-8")
    (root / "validator.toml").write_text("jobs = 1\n", "utf-8")
    source = "plain-text" if case == "a text" else "front-matter"
    start = (
        f"import os, sys; os.chdir({str(root)!r}); sys.argv[1:] = ['validate', {option!r}, '--source', {source!r}, {name!r}]\n"
        "from validator.cli import main\n"
        "try: main()\n"
        "except SystemExit as ended: print(ended.code)\n"
        "print('loaded:', *sys.modules)"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    for turn in ("first", "second"):
        done = subprocess.run(
            [sys.executable, "-c", start],
            check=True, capture_output=True, text=True, cwd=PACKAGE.parent, env=environment,
        )  # fmt: skip
        report, _, names = done.stdout.partition("loaded: ")
        loaded = set(names.split())
        assert "1 valid" in report + done.stderr, report
        assert report.endswith("0\n")
        assert {"validator.engine", f"validator.reports.{'text' if option == '--verbose' else 'concise'}"} <= loaded
        if turn == "second":  # the first one had schemas to read
            assert loaded & {*NOT_FOR_A_CLEAN_SEED} - NEEDED[case] == set()


NEEDED: dict[str, set[str]] = {"a text": set(), "front matter": {"json"}}  # the schema of the front matter is JSON
