"""What was measured of speed: medians, paired ratios, the targets, and the page and the plot that tell of them.

Pure: nothing here measures, and only `main` of `benchmarks.speed` reads or writes files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
OURS, OURS_ALONE, FLOOR = "ours-2", "ours-1", "floor"

LABELS: Mapping[str, str] = {
    OURS: "validator, two workers",
    OURS_ALONE: "validator, one worker",
    FLOOR: "the floor: read and decode",
    "hooks": "four hooks, as pre-commit runs them",
    "hooks-single": "four hooks, one process at a time",
    "rumdl": "rumdl",
    "rumdl-silent": "rumdl, told to print nothing",
    "typos": "typos",
    "codespell": "codespell",
    "check-jsonschema": "check-jsonschema, front matter only",
    "yamllint": "yamllint, front matter only",
    "uncached": "validator, a run that keeps nothing",
    "first": "validator, first run",
    "second": "validator, second run, nothing changed",
    "one-file": "validator, one file as the hook runs it",
    "bare": "python -c pass",
}


# --- what was measured ------------------------------------------------------------------------------------------------


class Sample(NamedTuple):
    """One run: seconds on the clock, and seconds of processor time of the process and those that it started."""

    wall: float
    cpu: float


Round = Mapping[str, Sample]  # each program's run of a round


@dataclass(frozen=True, slots=True)
class Comparison:
    """Programs that ran in turn on the same seeds. The warm-up is no round of it.

    `is_real`: the seeds are copies of real posts. `with_findings` is the share of seeds with findings, and `findings` how many
    a seed has on average; None where nobody looked.
    """

    name: str
    seeds: int
    bytes: int
    rounds: tuple[Round, ...]
    is_real: bool = False
    with_findings: float | None = None
    findings: float | None = None


@dataclass(frozen=True, slots=True)
class Growth:
    """Runs on one number of seeds: their seconds, and the peak of resident memory, in bytes (0 where none could be read)."""

    seeds: int
    bytes: int
    seconds: tuple[float, ...]
    parent_bytes: int
    worker_bytes: int


@dataclass(frozen=True, slots=True)
class Results:
    """All of a run. `facts` tell of machine and programs; `notes` what was not measured, and why."""

    facts: Mapping[str, str] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    growth: tuple[Growth, ...] = ()
    notes: tuple[str, ...] = ()


def to_json(results: Results) -> dict[str, Any]:
    """The results as JSON has them."""
    return asdict(results)


def from_json(said: Mapping[str, Any]) -> Results:
    """The results that `to_json` made this of. Raises KeyError or TypeError where it made nothing of the kind."""
    comparisons = tuple(
        Comparison(**{
            **each,
            "rounds": tuple({name: Sample(*sample) for name, sample in one.items()} for one in each["rounds"]),
        })
        for each in said["comparisons"]
    )  # fmt: skip
    growth = tuple(Growth(**{**each, "seconds": tuple(each["seconds"])}) for each in said["growth"])
    return Results(dict(said["facts"]), comparisons, growth, tuple(said["notes"]))


# --- the arithmetic ---------------------------------------------------------------------------------------------------


class Spread(NamedTuple):
    """A median, and the least and the greatest of what it is the median of."""

    median: float
    least: float
    most: float


def spread(values: Iterable[float]) -> Spread:
    """The spread of some values, at least one."""
    ordered = sorted(values)
    return Spread(median(ordered), ordered[0], ordered[-1])


def paired(comparison: Comparison, above: str, below: str) -> Spread | None:
    """The ratio of two programs' times, taken within each round; None where no round has both.

    What slows a machine down for a while slows both, so that the median of such ratios strays less than the ratio of medians.
    """
    both = [one for one in comparison.rounds if above in one and below in one]
    return spread(one[above].wall / one[below].wall for one in both) if both else None


@dataclass(frozen=True, slots=True)
class Row:
    """A figure beside its target. `bound` is None where nothing is aimed at; `at_least` tells on which side of it to be."""

    what: str
    figure: Spread
    unit: str
    bound: float | None = None
    at_least: bool = True

    @property
    def reached(self) -> bool | None:
        """Whether the median is on the right side of the bound; None where there is no bound."""
        if self.bound is None:
            return None
        return self.figure.median >= self.bound if self.at_least else self.figure.median <= self.bound


class Ratio(NamedTuple):
    """A ratio of two programs' times in a comparison that is to be told, with what is aimed at."""

    comparison: str
    above: str
    below: str
    what: str
    bound: float | None = None
    at_least: bool = True


RATIOS: tuple[Ratio, ...] = (
    Ratio("small", "hooks", OURS, "four hooks as pre-commit runs them / two workers", 1.5),
    Ratio("small", "hooks-single", OURS, "four hooks, one process at a time / two workers", 1.8),
    Ratio("small", "rumdl", OURS, "rumdl / two workers", 1.5),
    Ratio("small", "rumdl-silent", OURS, "rumdl, told to print nothing / two workers"),
    Ratio("small", "typos", OURS, "typos / two workers"),
    Ratio("small", "codespell", OURS, "codespell / two workers"),
    Ratio("small", "check-jsonschema", OURS, "check-jsonschema on the front matter / two workers", 8),
    Ratio("small", "yamllint", OURS, "yamllint on the front matter / two workers", 8),
    Ratio("small", OURS_ALONE, FLOOR, "one worker / the floor", 10, at_least=False),
    Ratio("small", OURS, OURS_ALONE, "two workers / one worker", 0.65, at_least=False),
    Ratio("large", "hooks", OURS, "four hooks as pre-commit runs them / two workers"),
    Ratio("large", "hooks-single", OURS, "four hooks, one process at a time / two workers"),
    Ratio("large", "rumdl", OURS, "rumdl / two workers", 1.5),
    Ratio("large", "rumdl-silent", OURS, "rumdl, told to print nothing / two workers"),
    Ratio("large", "typos", OURS, "typos / two workers"),
    Ratio("large", "codespell", OURS, "codespell / two workers"),
    Ratio("large", "check-jsonschema", OURS, "check-jsonschema on the front matter / two workers"),
    Ratio("large", "yamllint", OURS, "yamllint on the front matter / two workers"),
    Ratio("large", OURS_ALONE, FLOOR, "one worker / the floor", 15, at_least=False),
    Ratio("large", OURS, OURS_ALONE, "two workers / one worker", 0.60, at_least=False),
    *(
        ratio
        for name in ("captures, all broken", "captures, a fifth broken", "captures, none broken")
        for ratio in (
            Ratio(name, OURS_ALONE, FLOOR, "one worker / the floor"),
            Ratio(name, OURS, OURS_ALONE, "two workers / one worker"),
        )
    ),
    Ratio("mixed", OURS_ALONE, FLOOR, "one worker / the floor"),
    Ratio("mixed", OURS, OURS_ALONE, "two workers / one worker"),
    Ratio("cache", "first", "second", "first run / second run, nothing changed", 1),
    Ratio("cache", "first", "uncached", "first run / a run that keeps nothing"),
    Ratio("cache, large", "first", "second", "first run / second run, nothing changed", 1),
    Ratio("cache, large", "first", "uncached", "first run / a run that keeps nothing"),
    Ratio("cache, captures", "first", "second", "first run / second run, nothing changed", 3),
    Ratio("cache, captures", "first", "uncached", "first run / a run that keeps nothing"),
    Ratio(
        "one file",
        "one-file",
        "hooks-single",
        "one file as the hook runs it / the four hooks in sequence",
        1,
        at_least=False,
    ),
    Ratio("one file", "one-file", "bare", "one file as the hook runs it / python -c pass", 5, at_least=False),
)
MOST_MEMORY = 60  # MB a process
MOST_PROCESSOR: Mapping[str, float] = {"captures, a fifth broken": 400}  # µs of processor time a seed, two workers
FLATTEST = 1.25  # times what a seed costs in the cheapest of the smaller archives


def rows(results: Results) -> list[Row]:
    """Every ratio and peak of memory that was measured."""
    out = []
    measured = {comparison.name: comparison for comparison in results.comparisons}
    for ratio in RATIOS:
        comparison = measured.get(ratio.comparison)
        figure = paired(comparison, ratio.above, ratio.below) if comparison is not None else None
        if figure is not None:
            out.append(Row(f"{ratio.comparison}: {ratio.what}", figure, "times", ratio.bound, ratio.at_least))
    for name, bound in MOST_PROCESSOR.items():
        if name in measured and OURS in programs(measured[name]):
            figure = processor_time(measured[name], OURS)
            out.append(Row(f"{name}: processor time a seed, two workers", figure, "µs", bound, at_least=False))
    costs = {growth.seeds: [wall / growth.seeds for wall in growth.seconds] for growth in results.growth}
    for seeds in sorted(costs)[1:]:
        # Not the smallest: what it takes to start is much of the cost of a seed there.
        of_fewer = zip(*(cost for fewer, cost in costs.items() if fewer < seeds), strict=True)
        figure = spread([cost / min(others) for cost, others in zip(costs[seeds], of_fewer, strict=True)])
        out.append(Row(f"cost a seed, {seeds:,} seeds / fewer", figure, "times", FLATTEST, at_least=False))
    for growth in results.growth:
        for process, peak in (("parent", growth.parent_bytes), ("a worker", growth.worker_bytes)):
            if peak:
                what = f"peak memory of {process}, {growth.seeds:,} seeds"
                out.append(Row(what, spread([peak / 1e6]), "MB", MOST_MEMORY, at_least=False))
    return out


# --- the page ---------------------------------------------------------------------------------------------------------


def shown(value: float) -> str:
    """A number with three figures, or all of those before the point."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}"


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(each) + " |" for each in (head, ["---"] * len(head), *lines)]


def _between(figure: Spread) -> str:
    return f"{shown(figure.least)} to {shown(figure.most)}"


def _target(row: Row) -> str:
    if row.bound is None:
        return ""
    return f"at {'least' if row.at_least else 'most'} {row.bound:g}"


_REACHED = {None: "", True: "yes", False: "**no**"}
_FIGURES_HEAD = ("figure", "median", "unit", "from, to", "target", "reached")
_FIGURES_LINE = re.compile(
    r"\| (.+) \| ([\d.,]+) \| ([\wµ]+) \| ([\d.,]+) to ([\d.,]+) \| (?:at (least|most) ([\d.]+))? \| (yes|\*\*no\*\*|) \|"
)


def measured_part(results: Results) -> str:
    """The part of the page between the markers, markers included."""
    told = rows(results)
    judged = [row for row in told if row.bound is not None]
    lines = [BEGIN, "", f"{sum(bool(row.reached) for row in judged)} of {len(judged)} targets are reached.", ""]
    lines += _table(_FIGURES_HEAD, (
        (row.what, shown(row.figure.median), row.unit, _between(row.figure), _target(row), _REACHED[row.reached])
        for row in told
    ))  # fmt: skip
    if results.notes:
        lines += ["", *(f"- {note}" for note in results.notes)]
    for comparison in results.comparisons:
        lines += ["", f"### Times: {comparison.name}", "", _about(comparison), ""]
        lines += _table(_TIMES_HEAD, _times(comparison))
    if results.growth:
        lines += ["", "### Cost a seed", "", "Two workers, posts of about 1 kB.", ""]
        lines += _table(("seeds", "seconds", "from, to", "runs", "µs a seed", "parent, MB", "a worker, MB"), (
            (
                f"{each.seeds:,}", shown(median(each.seconds)), _between(spread(each.seconds)), str(len(each.seconds)),
                shown(1e6 * median(each.seconds) / each.seeds), shown(each.parent_bytes / 1e6), shown(each.worker_bytes / 1e6),
            )
            for each in results.growth
        ))  # fmt: skip
    lines += ["", "### Machine and programs", ""]
    lines += _table(("", ""), results.facts.items())
    return "\n".join([*lines, "", END, ""])


def _about(comparison: Comparison) -> str:
    rounds = f"{len(comparison.rounds)} rounds after one that does not count"
    if comparison.name == "one file":
        return f"A post of {comparison.bytes:,} bytes; {rounds}."
    size = comparison.bytes / comparison.seeds
    made = (
        f"{'copies of real posts' if comparison.is_real else 'made up'}, "
        if comparison.with_findings is not None
        else ""
    )
    found = "" if comparison.findings is None else f", {shown(comparison.findings)} findings a seed"
    return (
        f"{comparison.seeds:,} seeds, {made}{comparison.bytes:,} bytes, {size:,.0f} each on average{found}; {rounds}."
    )


_TIMES_HEAD = (
    "program",
    "seconds",
    "from, to",
    "processor seconds",
    "µs a seed",
    "processor µs a seed",
    "with findings",
)


def _times(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    for name in programs(comparison):
        samples = [one[name] for one in comparison.rounds if name in one]
        wall, processor = spread(sample.wall for sample in samples), processor_time(comparison, name)
        cpu = median(sample.cpu for sample in samples)
        share = "" if comparison.with_findings is None else f"{comparison.with_findings:.1%}"
        cost = shown(1e6 * wall.median / comparison.seeds)
        yield LABELS[name], shown(wall.median), _between(wall), shown(cpu), cost, shown(processor.median), share


def processor_time(comparison: Comparison, name: str) -> Spread:
    """Microseconds of processor time a seed."""
    samples = (one[name] for one in comparison.rounds if name in one)
    return spread(1e6 * sample.cpu / comparison.seeds for sample in samples)


def table(comparison: Comparison) -> list[str]:
    """The times of a comparison for a terminal of 80 columns. `found in`: the share of seeds with findings."""
    size = comparison.bytes / comparison.seeds
    lines = [
        f"  {comparison.seeds:,} seeds, {'real' if comparison.is_real else 'made up'}, {size:,.0f} bytes on average"
    ]
    if comparison.findings is not None:
        lines[0] += f", {shown(comparison.findings)} findings a seed"
    head = ("program", "seconds", "µs/seed", "CPU µs/seed", "found in")
    for name, wall, _, _, cost, processor, share in [(head[0], head[1], "", "", *head[2:]), *_times(comparison)]:
        lines.append(f"  {name:<40.40}{wall:>8}{cost:>8}{processor:>12}{share:>10}".rstrip())
    return lines


def programs(comparison: Comparison) -> list[str]:
    """The programs of a comparison, ours first, then as they are listed in LABELS."""
    ran = {name for one in comparison.rounds for name in one}
    return [name for name in LABELS if name in ran]


def put_into(page: str, part: str) -> str:
    """The page with another measured part. Raises ValueError where it has no markers, or more than two."""
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise ValueError(f"the page needs {BEGIN} and below it {END}, once each")
    before, _, rest = page.partition(BEGIN)
    return before + part.rstrip("\n") + rest.partition(END)[2]


def read_rows(page: str) -> list[Row]:
    """The figures of a page, as they are printed.

    Raises ValueError for a line of their table that is none, or that calls a target reached, or missed, that is not.
    """
    part = page.partition(BEGIN)[2].partition(END)[0]
    out = []
    table = part.partition("| " + " | ".join(_FIGURES_HEAD) + " |\n")[2].partition("\n\n")[0]
    for line in table.splitlines()[1:]:
        match = _FIGURES_LINE.fullmatch(line)
        if match is None:
            raise ValueError(line)
        middle, low, high = (float(match[at].replace(",", "")) for at in (2, 4, 5))
        bound = float(match[7]) if match[7] else None
        row = Row(match[1], Spread(middle, low, high), match[3], bound, match[6] != "most")
        if (
            match[8] != _REACHED[row.reached] and middle != bound
        ):  # a figure that was rounded to the bound may lie on either side
            raise ValueError(line)
        out.append(row)
    return out


# --- the plot ---------------------------------------------------------------------------------------------------------

_WIDTH, _LEFT, _RIGHT, _BAR = 860, 285, 90, 24
_STYLE = (
    "text{font:13px 'DejaVu Sans',Verdana,sans-serif;fill:#222}.t{font-size:15px;font-weight:bold}.s{fill:#666;font-size:12px}"
    ".e{text-anchor:end}.m{text-anchor:middle}.g{stroke:#ddd}.w{stroke:#222}.o{fill:#1b6ca8}.p{fill:#b9c4cd}.f{fill:#8a9a5b}"
    ".l{fill:none;stroke:#1b6ca8;stroke-width:2}"
)


class _Scale(NamedTuple):
    """A logarithmic axis: values from `low` to `high` lie between two places of the picture."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        part = math.log(value / self.low) / math.log(self.high / self.low)
        return round(self.start + part * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        """1, 2 and 5 of each power of ten; the powers alone where there are more than three of them."""
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        steps = (1, 2, 5) if self.high <= 1_000 * self.low else (1,)
        ticks = (step * 10.0**power for power in powers for step in steps)
        return [tick for tick in ticks if self.low * 0.999 <= tick <= self.high * 1.001]


def _scale(values: Sequence[float], start: float, end: float) -> _Scale:
    """An axis on which the values have room, from one of 1, 2, 5, 10, 20 … to another."""
    steps = [step * 10.0**power for power in range(-3, 10) for step in (1, 2, 5)]
    low = max(step for step in steps if step <= min(values) * 0.9)
    high = min(step for step in steps if step >= max(values) * 1.1)
    return _Scale(low, high, start, end)


def _text(x: float, y: float, said: str, kind: str = "") -> str:
    return f'<text x="{x}" y="{y}"{f" class={chr(34)}{kind}{chr(34)}" if kind else ""}>{escape(said)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{kind}"/>'


def _bars(comparison: Comparison, top: float) -> tuple[list[str], float]:
    """A bar for each program, its time a seed, with the least and the greatest; and where the picture goes on below."""
    named = programs(comparison)
    per_seed = 1e6 / comparison.seeds
    figures = {
        name: Spread(
            *(per_seed * value for value in spread(one[name].wall for one in comparison.rounds if name in one))
        )
        for name in named
    }
    named.sort(key=lambda name: figures[name].median)
    bounds = [value for figure in figures.values() for value in (figure.least, figure.most)]
    scale = _scale(bounds, _LEFT, _WIDTH - _RIGHT)
    bottom = top + 34 + _BAR * len(named)
    size = comparison.bytes / comparison.seeds / 1000
    out = [
        _text(20, top + 4, f"{comparison.name}: {comparison.seeds:,} posts of {size:.0f} kB", "t"),
        _text(_WIDTH - 20, top + 4, "µs a seed, log scale; shorter is faster", "s e"),
    ]
    for tick in scale.ticks():
        out.append(_line(scale.at(tick), top + 20, scale.at(tick), bottom, "g"))
        out.append(_text(scale.at(tick), bottom + 16, f"{tick:,g}", "s m"))
    for number, name in enumerate(named):
        y = top + 24 + _BAR * number
        figure = figures[name]
        kind = {FLOOR: "f", OURS: "o", OURS_ALONE: "o"}.get(name, "p")
        width = round(scale.at(figure.median) - _LEFT, 1)
        out.append(_text(_LEFT - 8, y + 14, LABELS[name], "e"))
        out.append(f'<rect x="{_LEFT}" y="{y}" width="{width}" height="{_BAR - 6}" class="{kind}"/>')
        out.append(_line(scale.at(figure.least), y + 9, scale.at(figure.most), y + 9, "w"))
        out.append(_text(scale.at(figure.most) + 8, y + 14, shown(figure.median)))
    return out, bottom + 56


def _curve(growth: Sequence[Growth], top: float) -> tuple[list[str], float]:
    """The cost a seed over the number of seeds, both axes logarithmic; and where the picture ends."""
    points = [(each.seeds, 1e6 * median(each.seconds) / each.seeds) for each in growth]
    across = _scale([seeds for seeds, _ in points], 90, _WIDTH - _RIGHT)
    costs = [cost for _, cost in points]
    # Two decades at the least, so that a flat line looks flat.
    middle = math.sqrt(min(costs) * max(costs))
    up = _scale([min(min(costs), middle / 4), max(max(costs), middle * 4)], top + 214, top + 30)
    out = [
        _text(20, top + 4, "cost a seed, two workers, posts of 1 kB", "t"),
        _text(_WIDTH - 20, top + 4, "µs a seed over the number of seeds, both log scale", "s e"),
    ]
    for tick in up.ticks():
        out += [
            _line(90, up.at(tick), _WIDTH - _RIGHT, up.at(tick), "g"),
            _text(82, up.at(tick) + 4, f"{tick:,g}", "s e"),
        ]
    for seeds, cost in points:
        x, y = across.at(seeds), up.at(cost)
        out += [f'<circle cx="{x}" cy="{y}" r="4" class="o"/>', _text(x, y - 12, shown(cost), "m")]
        out.append(_text(x, top + 234, f"{seeds:,}", "s m"))
    path = " ".join(f"{across.at(seeds)},{up.at(cost)}" for seeds, cost in points)
    out.append(f'<polyline points="{path}" class="l"/>')
    return out, top + 254


def plot(results: Results) -> str:
    """The picture: a bar for each program on small and large posts, and the cost a seed as archives grow."""
    drawn: list[str] = []
    y: float = 30
    for comparison in results.comparisons:
        if comparison.name in ("small", "large"):
            more, y = _bars(comparison, y)
            drawn += more
    if len(results.growth) > 1:
        more, y = _curve(results.growth, y)
        drawn += more
    height = math.ceil(y)
    return "\n".join((
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" role="img">',
        "<title>Time a seed of this program and of others, and cost a seed as archives grow</title>",
        f"<style>{_STYLE}</style>", f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>', *drawn, "</svg>", "",
    ))  # fmt: skip
