"""The `jsonl` format: one object a line, each with its `type`: a `seed`, then its `finding`s; the `summary` last."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from validator.reports.entries import encoded, finding_entry, header_entry, seed_entry, summary_entry

if TYPE_CHECKING:
    from validator.reports import Profile
    from validator.text.findings import SeedReport, Totals


class LinesReporter:
    """Writes JSON lines. The summary line also says what made the report, so that its absence shows a run cut short."""

    def __init__(self, out: TextIO, profile: Profile) -> None:
        self._out = out
        self._profile = profile

    def seed(self, report: SeedReport) -> None:
        """Write a line for the seed and one for each of its findings."""
        self._out.write(encoded({"type": "seed"} | seed_entry(report)) + "\n")
        place = {"type": "finding", "path": report.path, "source": report.source}
        for finding in report.findings:
            self._out.write(encoded(place | finding_entry(finding)) + "\n")

    def finish(self, totals: Totals) -> None:
        """Write the line of the summary."""
        self._out.write(encoded({"type": "summary"} | header_entry(self._profile) | summary_entry(totals)) + "\n")
