"""The page on scale: its tables come of what was measured, and the command measures."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks.scale import Assumed, Measured, Run, main, page_of
from benchmarks.speed_page import put_into

MEASURED = Measured(
    version="1.2.3",
    processors=4,
    runs=(
        Run("one", 1_000, 2.0, 50_000_000),
        Run("parquet", 1_000, 8.0, None),
        Run("one", 101_000, 202.0, None),
        Run("parquet", 101_000, 58.0, 400_000_000),
    ),
    stages=(("judging", 1_500.0), ("writing Parquet", 500.0)),
    bytes=101_000 * 6_000,
    parquet_bytes=101_000 * 2_000,
    result_bytes=101_000 * 500,
)


def rows(part: str) -> dict[str, list[str]]:
    """The rows of the tables, each by its first cells."""
    lines = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")]
    return {", ".join(cells[:2]) if cells[0][0].isdigit() else cells[0]: cells for cells in lines if cells[0]}


def test_the_tables_say_what_was_measured() -> None:
    found = rows(page_of(MEASURED, Assumed(price_core_hour=0.1, cores=100, read_seconds=0.036)))
    assert found["1,000, one process"][2:] == ["2.0", "500", "2.00 ms", "50 MB"]
    assert found["101,000, Ray, from Parquet"][2:] == ["58.0", "1,741", "2.30 ms", "400 MB"]
    assert found["judging"][1:] == ["1,500 µs", "75%"]
    # One more seed took half a millisecond on four processors: the eight seconds of the small run are left out.
    assert found["core hours, at 2.00 ms a seed"][1:] == ["5.6", "555.6"]
    assert found["hours on 100 cores"][1:] == ["0.1", "5.6"]
    assert found["memory of 100 workers, 100 MB each"][1:] == ["10 GB", "10 GB"]
    assert found["seeds as they are"][1:] == ["60 GB", "6,000 GB"]
    assert found["result in Parquet"][1:] == ["5 GB", "500 GB"]
    assert found["waiting for the store, a file a seed, 36 ms each"][1:] == ["100 core hours", "10,000 core hours"]
    assert found["money for computing, at 0.1 a core hour"][1:] == ["0.56", "55.56"]


def test_one_size_is_enough() -> None:
    alone = Measured("1", 2, (Run("one", 1_000, 3.6, None),), (("judging", 1.0),), 1, 1, 1)
    assert rows(page_of(alone, Assumed()))["core hours, at 3.60 ms a seed"][1] == "10.0"


def test_the_page_has_a_place_for_it(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "scale.md").read_text("utf-8")
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps(asdict(MEASURED)))
    target = tmp_path / "scale.md"
    target.write_text(page, "utf-8")
    assert main(["--again", str(kept), "--page", str(target)]) == 0
    assert target.read_text("utf-8") == put_into(page, page_of(MEASURED, Assumed()))
    assert "| 101,000 | one process |" in target.read_text("utf-8")


def test_the_command_measures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "kept.json"
    assert main(["--sizes", "120", "--ways", "one,arrow", "--folder", str(tmp_path), "--keep", str(kept)]) == 0
    printed = capsys.readouterr()
    found = rows(printed.out)
    assert found.keys() >= {"120, one process", "120, `validate_batch`, one process", "judging", "into columns"}
    measured = json.loads(kept.read_text("utf-8"))
    assert measured["bytes"] > measured["parquet_bytes"] > 0 < measured["result_bytes"]
    with pytest.raises(SystemExit):
        main(["--ways", "two"])
