"""Installed, editable and from the checkout, the program reads the same schemas, wherever it is called from."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import validator
from validator.archive.root import schemas_folder
from validator.text.errors import ConfigError

CHECKOUT = Path(validator.__file__).parents[1]

REPORT = """
import hashlib, json
from pathlib import Path
import validator
from validator.archive.root import schemas_folder
print(json.dumps({
    "package": str(Path(validator.__file__).parent),
    "folder": str(schemas_folder()),
    "version": validator.__version__,
    "schemas": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(schemas_folder().iterdir())},
}))
"""

pytestmark = pytest.mark.skipif(not (CHECKOUT / "pyproject.toml").is_file(), reason="these tests run from a checkout")


def schemas_of_the_checkout() -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((CHECKOUT / "schemas").iterdir())
    }


def fresh_environment(folder: Path) -> Path:
    """The Python of a new virtual environment that sees the libraries installed here, but not this program."""
    venv.EnvBuilder(symlinks=os.name != "nt").create(folder)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    libraries = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    here = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (Path(libraries) / "libraries.pth").write_text("".join(f"{path}\n" for path in here))
    return python


def install(python: Path, *what: str) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "--quiet"]
    run([*pip, "--no-deps", "--no-index", "--no-build-isolation", *what], CHECKOUT)


def run(command: list[str], folder: Path, **environment: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env={**kept, **environment}, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)], CHECKOUT)
    (built,) = folder.glob("*.whl")
    return built


def test_from_the_checkout(tmp_path: Path) -> None:
    said = json.loads(run([str(fresh_environment(tmp_path / "e")), "-c", REPORT], tmp_path, PYTHONPATH=str(CHECKOUT)))
    assert Path(said["package"]) == CHECKOUT / "validator"
    assert said["schemas"] == schemas_of_the_checkout()
    assert "source.schema.json" in said["schemas"]


def test_editable(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    python = fresh_environment(tmp_path / "e")
    install(python, "--editable", str(CHECKOUT))
    said = json.loads(run([str(python), "-c", REPORT], tmp_path))
    assert Path(said["package"]) == CHECKOUT / "validator"
    assert Path(said["folder"]) == CHECKOUT / "schemas"
    assert said["schemas"] == schemas_of_the_checkout()


def test_installed(tmp_path: Path, wheel: Path) -> None:
    environment = tmp_path / "e"
    python = fresh_environment(environment)
    install(python, str(wheel))
    said = json.loads(run([str(python), "-c", REPORT], tmp_path))
    assert Path(said["package"]).is_relative_to(environment.resolve())
    assert Path(said["folder"]) == Path(said["package"]) / "_schemas"
    assert said["schemas"] == schemas_of_the_checkout()
    assert said["version"] == validator.__version__

    seed = tmp_path / "elsewhere" / "seed.txt"
    seed.parent.mkdir()
    seed.write_text("This line stands where an article would stand.\n")
    for command in ([str(python.parent / "validator")], [str(python), "-m", "validator"]):
        assert validator.__version__ in run([*command, "--version"], seed.parent)
        said = json.loads(
            run([*command, "validate", "--source", "plain-text", "--format", "json", "seed.txt"], seed.parent)
        )
        assert [(each["path"], each["verdict"]) for each in said["seeds"]] == [("seed.txt", "valid")]
        page = run([*command, "validate", "--source", "plain-text", "--format", "html", "seed.txt"], seed.parent)
        assert '{"path":"seed.txt","source":"plain-text","verdict":"valid"' in page


def test_the_wheel_holds_the_package_and_nothing_beside_it(tmp_path: Path, wheel: Path) -> None:
    run([sys.executable, "-m", "zipfile", "--extract", str(wheel), str(tmp_path)], tmp_path)
    inside = {path.name for path in tmp_path.iterdir()}
    assert inside == {"validator", f"seed_validator-{validator.__version__}.dist-info"}
    described = (tmp_path / f"seed_validator-{validator.__version__}.dist-info" / "METADATA").read_text("utf-8")
    assert "\nLicense-Expression: Apache-2.0\n" in described
    assert (tmp_path / "validator" / "py.typed").is_file()
    assert (tmp_path / "validator" / "_templates" / "gitlab.yml").is_file()
    assert {path.name for path in (tmp_path / "validator" / "_schemas").iterdir()} == set(schemas_of_the_checkout())
    for name in ("parsing/signatures.json", "text/exemplars.json"):
        assert (tmp_path / "validator" / name).read_bytes() == (CHECKOUT / "validator" / name).read_bytes()
    for page in ("reports/page", "review/page"):
        there = {path.name: path.read_bytes() for path in (tmp_path / "validator" / page).iterdir()}
        assert there
        assert there == {path.name: path.read_bytes() for path in (CHECKOUT / "validator" / page).iterdir()}


def test_without_schemas_the_program_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("validator.archive.root.__file__", str(tmp_path / "validator" / "archive" / "root.py"))
    with pytest.raises(ConfigError, match="schemas that come with the program are missing"):
        schemas_folder()
