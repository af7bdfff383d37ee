"""How soon the HTML report on many seeds can be read: written by the program's own reporter, opened in a headless Chromium.

    python -m benchmarks.report [--seeds 5000]

The seeds are the specimens as captured, judged once and named anew. The targets: the list is there within 1 s after the file is
opened, and another filter shows its seeds within 0.5 s. Prints what was measured, with the processor time of the page, which says
more if the machine is busy, and exits with 1 if a target was missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import validator
from validator.reports.model import Setting, Tally, open_report

ROOT = Path(__file__).resolve().parent.parent
OPEN_SECONDS = 1.0
FILTER_SECONDS = 0.5

_FILTERED = """() => {
    const rule = document.querySelector("[name=rule]"), count = document.getElementById("count"), before = count.textContent;
    rule.value = "quote-for-apostrophe";
    const began = performance.now();
    rule.dispatchEvent(new Event("input", { bubbles: true }));
    return new Promise((done) => {
        const look = () => {
            if (count.textContent === before) requestAnimationFrame(look); else done((performance.now() - began) / 1000);
        };
        look();
    });
}"""


def main() -> None:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=5000)
    number = parser.parse_args().seeds
    sys.path.insert(0, str(ROOT / "tests"))
    from browser import opened_browser, opened_page, wait_until, why_no_browser

    if reason := why_no_browser():
        sys.exit(reason)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "report.html"
        began = time.perf_counter()
        findings = write(place, number)
        written = time.perf_counter() - began
        with opened_browser() as browser, opened_page(browser) as page:
            session = page.context.new_cdp_session(page)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})
            began = time.perf_counter()
            page.goto(place.as_uri())
            wait_until(page, "document.documentElement.dataset.ready === 'yes'")
            opened = time.perf_counter() - began
            metrics = session.send("Performance.getMetrics")["metrics"]
            worked = next(each["value"] for each in metrics if each["name"] == "TaskDuration")
            elements = page.evaluate("document.querySelectorAll('*').length")
            filtered = page.evaluate(_FILTERED)
        size = place.stat().st_size
    said = (
        f"{number:,} seeds, {findings:,} findings: {size / 1e6:.1f} MB, written in {written:.2f} s",
        f"opened in {opened:.2f} s (aim: {OPEN_SECONDS} s); the page itself worked {worked:.2f} s, and has {elements:,} elements",
        f"filtered in {filtered:.2f} s (aim: {FILTER_SECONDS} s)",
    )
    print(*said, sep="\n")  # noqa: T201 - a command that says what it measured
    sys.exit(opened > OPEN_SECONDS or filtered > FILTER_SECONDS)


def write(place: Path, number: int) -> int:
    """Write the report on so many seeds; how many findings they have."""
    specimens = sorted((ROOT / "seeds").glob("*/as-captured.*"))
    judged = [validator.validate(each.read_bytes(), path=str(each.relative_to(ROOT))) for each in specimens]
    counting = Tally()
    with place.open("w", encoding="utf-8", newline="\n") as out:
        reporter = open_report("html", out, Setting())
        for at, report in enumerate(islice(cycle(judged), number)):
            named = replace(report, path=f"{at:06}/{report.path}")
            counting.add(named)
            reporter.seed(named)
        totals = counting.totals()
        reporter.finish(totals)
    return sum(totals.findings.values())


if __name__ == "__main__":
    main()
