"""Where the reports of a run go: one or several formats, each to standard output or to a file of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TextIO

from validator.archive.reading import system_errors_as
from validator.cli.terminal import Progress, has_color, width_for
from validator.reports.model import Reporter, Setting, open_report
from validator.text.errors import ConfigError
from validator.text.findings import SeedReport, Totals

STANDARD_OUTPUT = "-"
_PAGE = 1 << 16  # characters that are held back at most


class _Page(StringIO):
    """The report on one seed, held back until it is complete; a large one is passed on in parts.

    Raises ConfigError, with the name of the output, if it cannot be written; OSError for standard output.
    """

    def __init__(self, out: TextIO, output: str, progress: Progress) -> None:
        super().__init__()
        self._out = out
        self._output = output
        self._progress = progress

    def write(self, text: str) -> int:
        """Write to the page."""
        written = super().write(text)
        if self.tell() >= _PAGE:
            self.pass_on()
        return written

    def pass_on(self) -> None:
        """Write the page to its stream, and empty it."""
        if self.tell():
            if self._out.isatty():
                self._progress.clear()
            with nullcontext() if self._output == STANDARD_OUTPUT else _written(self._output):
                self._out.write(self.getvalue())
            self.seek(0)
            self.truncate()


class Outputs:
    """The reporters of a run. The report on one seed is written as a whole, while the progress line is erased."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._reports: list[tuple[Reporter, _Page]] = []

    def add(self, format_: str, output: str, out: TextIO, given: Setting) -> None:
        """Add a report in a format on a stream, which the caller closes; `output` is its name."""
        page = _Page(out, output, self._progress)
        notes = None if given.quiet else sys.stderr
        setting = replace(given, color=has_color(out), width=width_for(out), notes=notes)
        self._reports.append((open_report(format_, page, setting), page))

    def seed(self, report: SeedReport) -> None:
        """Write the report on one seed."""
        for reporter, page in self._reports:
            reporter.seed(report)
            page.pass_on()

    def finish(self, totals: Totals) -> None:
        """Write the totals of the run."""
        for reporter, page in self._reports:
            reporter.finish(totals)
            page.pass_on()


def paired(formats: Sequence[str], outputs: Sequence[str]) -> list[tuple[str, str]]:
    """Each format with its output. One format needs none. Raises ConfigError if it is not clear what goes where."""
    if len(formats) == 1 and not outputs:
        return [(formats[0], STANDARD_OUTPUT)]
    if len(formats) != len(outputs):
        raise ConfigError(
            f"{len(formats)} --format and {len(outputs)} --output were given: "
            f"give each format its own output, `{STANDARD_OUTPUT}` for standard output"
        )
    targets = [
        os.path.realpath(output) if output != STANDARD_OUTPUT else output
        for output in outputs
        if not Path(output).exists() or Path(output).is_file()  # two may go to one pipe or device
    ]
    for target in targets:
        if targets.count(target) > 1:
            where = "standard output" if target == STANDARD_OUTPUT else target
            raise ConfigError(f"two reports would be written to {where}")
    return list(zip(formats, outputs, strict=True))


@contextmanager
def opened(pairs: Sequence[tuple[str, str]], progress: Progress, given: Setting) -> Iterator[Outputs]:
    """The reports of a run, one for each pair of format and output. Files get their names when all is written."""
    outputs = Outputs(progress)
    with ExitStack() as stack:
        for format_, output in pairs:
            out = sys.stdout if output == STANDARD_OUTPUT else stack.enter_context(_file(Path(output)))
            outputs.add(format_, output, out, given)
        yield outputs


@contextmanager
def _file(output: Path) -> Iterator[TextIO]:
    """A file that gets its name only when it is complete. A device or a pipe is written directly."""
    is_special = output.exists() and not output.is_file()
    target = Path(os.path.realpath(output))
    part = output if is_special else target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    with _written(str(output)):
        out = part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        try:
            yield out
        except BaseException:
            with suppress(OSError):  # what ended the run is what counts
                out.close()
            raise
        with _written(str(output)):
            out.close()
            if not is_special:
                part.replace(target)
    finally:
        if not is_special:
            part.unlink(missing_ok=True)


def _written(output: str) -> AbstractContextManager[None]:
    return system_errors_as("the report cannot be written", output)
