"""A new format touches three files: its module, its snapshot and its row in docs/formats.md. Tried on a copy of the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from expected import REPOSITORY
from gates import needs_checkout

MODULE = '''"""The `toy` format: one line per seed and per open finding."""

from validator.reports.escaping import guarded, printable
from validator.reports.model import Format, Reporter
from validator.reports.words import entries_of, finding_line, judgement
from validator.text.findings import SeedReport, Totals


class ToyReporter(Reporter):
    """Writes the lines."""

    def seed(self, report: SeedReport) -> None:
        """Write one seed."""
        for text in (f"{report.path}: {judgement(report)}", *(finding_line(report, each) for each in entries_of(report))):
            self.out.write(guarded(printable(text)) + "\\n")

    def finish(self, totals: Totals) -> None:
        """Write the number of seeds."""
        self.out.write(f"{totals.seeds} seeds\\n")


FORMAT = Format("one line per seed", ToyReporter)
'''
ROW = "| `toy` | a test | one line per seed |\n"


def content(root: Path) -> dict[str, bytes]:
    """The files of a tree by their names, without those that running it makes."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not {"__pycache__", ".pytest_cache", ".hypothesis"} & set(path.parts)
    }


def run_tests(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The tests of the formats in a tree, those about the new one only."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "toy", *options]
    files = ["tests/test_reports.py", "tests/test_formats.py"]
    environment = os.environ | {"PYTHONPATH": str(root)}
    return subprocess.run([*command, *files], cwd=root, env=environment, capture_output=True, text=True, check=False)


@needs_checkout
def test_a_format_is_added_in_three_files(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    for name in ("validator", "tests", "docs", "schemas", "templates", "seeds", "pyproject.toml", "README.md"):
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    before = content(root)
    (root / "validator/reports/formats/toy.py").write_text(MODULE, "utf-8")
    written = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_reports.py", "-k", "test_snapshot and toy"],
        cwd=root, env=os.environ | {"PYTHONPATH": str(root), "UPDATE_SNAPSHOTS": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert written.returncode == 0, written.stdout
    undocumented = run_tests(root)
    assert undocumented.returncode == 1
    assert "test_the_page_on_formats_has_a_row_for_it[toy]" in undocumented.stdout

    page = root / "docs/formats.md"
    page.write_text(page.read_text("utf-8").replace("| `text` |", f"{ROW}| `text` |", 1), "utf-8")
    documented = run_tests(root)
    assert documented.returncode == 0, documented.stdout[-3000:]
    after = content(root)
    assert sorted(name for name in after if after[name] != before.get(name)) == [
        "docs/formats.md", "tests/snapshots/report.toy", "validator/reports/formats/toy.py",
    ]  # fmt: skip
