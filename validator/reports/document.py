"""The `json` format: one object, written seed by seed, its `summary` last."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from validator.reports.entries import encoded, finding_entry, header_entry, seed_entry, summary_entry

if TYPE_CHECKING:
    from validator.reports import Profile
    from validator.text.findings import SeedReport, Totals


class DocumentReporter:
    """Writes the JSON document, a seed a line. It is whole only after `finish`."""

    def __init__(self, out: TextIO, profile: Profile) -> None:
        self._out = out
        self._profile = profile
        self._begun = False

    def seed(self, report: SeedReport) -> None:
        """Write one seed with its findings."""
        separator = ",\n" if self._begun else "\n"
        self._begin()
        entry = seed_entry(report) | {"findings": [finding_entry(finding) for finding in report.findings]}
        self._out.write(separator + encoded(entry))

    def finish(self, totals: Totals) -> None:
        """Close the list of seeds and write the summary."""
        self._begin()
        self._out.write(f'],\n"summary": {encoded(summary_entry(totals))}}}\n')

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._out.write(encoded(header_entry(self._profile))[:-1] + ',\n"seeds": [')
