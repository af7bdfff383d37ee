"""The `jsonl` format: one object per line, each with its `type`: a `seed`, then each `finding` of it; the `summary` last."""

from __future__ import annotations

from validator.reports.entries import Entry, encoded, finding_entry, header_entry, seed_entry, summary_entry
from validator.reports.model import Format, Reporter
from validator.text.findings import SeedReport, Totals


class LinesReporter(Reporter):
    """Writes JSON lines. A report without its summary line was cut short."""

    def seed(self, report: SeedReport) -> None:
        """Write a line for the seed and one for each of its findings."""
        self._write({"type": "seed"} | seed_entry(report))
        for finding in report.findings:
            self._write({"type": "finding", "path": report.path, "source": report.source} | finding_entry(finding))

    def finish(self, totals: Totals) -> None:
        """Write the line of the summary."""
        self._write(
            {"type": "summary"} | header_entry(self.setting.profile, self.setting.run.rule_url) | summary_entry(totals)
        )

    def _write(self, entry: Entry) -> None:
        self.out.write(encoded(entry) + "\n")


FORMAT = Format("the same, one object per line", LinesReporter, shows_record=True)
