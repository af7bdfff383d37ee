"""The `json` format: one object, written seed by seed, its `summary` last."""

from __future__ import annotations

from validator.reports.entries import JsonList, encoded, finding_entry, header_entry, seed_entry, summary_entry
from validator.reports.model import Format, Reporter
from validator.text.findings import SeedReport, Totals


class DocumentReporter(Reporter):
    """Writes the JSON document, one seed per line. It is complete only after `finish`."""

    def begin(self) -> None:
        """Prepare the list of seeds."""
        self._seeds = JsonList(
            self.out, encoded(header_entry(self.setting.profile, self.setting.run.rule_url))[:-1] + ',\n"seeds": ['
        )

    def seed(self, report: SeedReport) -> None:
        """Write one seed with its findings."""
        self._seeds.add(seed_entry(report) | {"findings": [finding_entry(finding) for finding in report.findings]})

    def finish(self, totals: Totals) -> None:
        """Close the list of seeds and write the summary."""
        self._seeds.close(f'],\n"summary": {encoded(summary_entry(totals))}}}\n')


FORMAT = Format("one document", DocumentReporter, shows_record=True)
