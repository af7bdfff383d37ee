"""Where plain text says its values: behind labels, on lines of a number, above and below each other, in forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from validator.learning.aligning import Aligner, Choice, Entry
from validator.learning.forms import (
    Found,
    are_names,
    are_of_several,
    date_in,
    differ,
    form_of_all,
    is_headline,
    place_separator,
    same_start,
    share_a_label,
    split_of,
)  # fmt: skip
from validator.learning.samples import ENDS, HEAD_LINES, Sample, has_digits, recurring, width
from validator.record.places import folded_names, is_address
from validator.text.patterns import escaped
from validator.text.tables import table

_LABEL = re.compile(  # at the start of a line, or after a space or a bar; a colon or a bar is behind it
    r"(?:^[|>#*_(（【\[\s-]*|(?<=[\s|｜　]))([^\s:：|｜*_\d](?:[^:：|｜*\d]{0,28}[^\s:：|｜*_])?)"
    r"[*_]*\s?(?:([:：])[*_]*\s*|\|\s*)(?=[^\s|:：/])"
)
_OPENERS, _CLOSERS = ("(", "（", "【", "["), (")", "）", "】", "]")
_SELECTORS, _SHORT = 120, 120  # elements of a page, and characters of their texts, in which a date is looked for
_KNOWN, _UNKNOWN, _OTHER = 1.0, 0.0, -2.0  # what is added for a label
_NEEDED = {"headline": 0.75, "date_published": 0.75, "byline": 0.5, "source_url": 0.6, "dateline": 0.75}


@cache
def known_labels(kind: str) -> frozenset[str]:
    """The labels of a kind that are known, in small form."""
    return frozenset(table("validator.learning", "words.json")[kind])


def bonus_of(label: str, kind: str) -> float:
    """What the words of a label say about its value."""
    words = label.casefold().strip(" :：")
    last = words.rpartition(" ")[2]
    is_ended = (
        kind == "byline" and words != last and last in ("by", "von", "por", "par", "di", "av", "af", "door", "oleh")
    )
    if words in known_labels(kind) or (is_ended and words not in known_labels("not byline")):
        return _KNOWN
    others = [other for other in ("date", "not date", "byline", "not byline", "headline") if other != kind]
    return _OTHER if any(words in known_labels(other) for other in others) else _UNKNOWN


def _last_word(befores: Sequence[str]) -> str:
    """A short word that all texts before dates end with, such as `on`; it is no part of a name."""
    words = {before.rpartition(" ")[2] for before in befores if " " in before}
    word = min(words) if len(words) == 1 else ""
    return word if word.islower() and word.isalpha() and len(word) <= 4 else ""


class TextPlaces:
    """Finds the places of the fields of plain text, one field after the other, in `aligner.found`."""

    def __init__(self, aligner: Aligner, order: str | None, languages: tuple[str, ...]) -> None:
        self.aligner = aligner
        self.samples = aligner.samples
        self.pointed = frozenset(aligner.found)
        self.order = order
        self.languages = languages
        self.agencies = folded_names(aligner.base.agencies)
        zones = [[line.text for line in (*sample.head, *sample.tail)] for sample in self.samples]
        self.constant = {text for text in recurring(zones, len(zones)) if self._label(text) is None or len(zones) > 2}
        self.labels = self._labels()

    def find(self) -> None:
        """Find all fields that are there."""
        self._date()
        self._labelled_byline()
        self._headline()
        if "byline" not in self.aligner.found:
            self._byline_by_form()
        self._address()
        if "date_published" not in self.aligner.found:
            self._dateline()

    def date(self, line: str, without_year: bool = False) -> Found | None:
        """The date in a line."""
        return date_in(line, self.order, self.languages, without_year)

    def keep(self, choice: Choice | None) -> Choice | None:
        """Take a place for its field, unless a curator has pointed at it."""
        if choice is not None and choice.field not in self.pointed:
            self.aligner.found.setdefault(choice.field, []).append(choice)
        return choice

    # labels

    def _label(self, line: str) -> str | None:
        match = _LABEL.match(line)
        return match[1] if match else None

    def _labels(self) -> dict[str, list[str]]:
        """Labels that several seeds have, as they are written, with what is behind them in each seed."""
        found: dict[str, dict[int, str]] = {}
        said: dict[str, str] = {}
        for number, sample in enumerate(self.samples):
            for line in (*sample.head, *sample.tail):
                matches = list(_LABEL.finditer(line.text)) if width(line.text) <= 200 else []
                for match in matches:
                    later = [other.start(1) for other in matches if other.start() > match.end() - 1]
                    key, colon = match[1].casefold(), match[2] or ""
                    said.setdefault(key, match[1] + colon)
                    value = line.text[match.end() : later[0] if later else None].strip(" |　")
                    found.setdefault(key, {}).setdefault(number, value)
        least = max(min(2, len(self.samples)), 0.5 * len(self.samples))
        return {said[key]: list(values.values()) for key, values in found.items() if len(values) >= least}

    def _words_before(self, values: Callable[[str], str | None]) -> Iterator[tuple[str, list[str]]]:
        """Words without a colon that begin a line in several seeds, and the values behind them."""
        found: dict[str, dict[int, str]] = {}
        for number, sample in enumerate(self.samples):
            for line in (*sample.head, *sample.tail):
                if line.number == 1 and line.text in self.constant:  # the name of the paper, such as De Proef
                    continue
                words = line.text.strip("*_ ").split(" ")
                for count in range(1, min(4, len(words))):
                    label, value = " ".join(words[:count]), values(" ".join(words[count:]))
                    if value and not has_digits(label) and label[-1] not in ":：,，" and any(map(str.isalpha, label)):
                        found.setdefault(label, {}).setdefault(number, value)
        least = max(min(2, len(self.samples)), 0.5 * len(self.samples))
        yield from ((label, list(by.values())) for label, by in found.items() if len(by) >= least)

    # dates

    def _date(self) -> None:
        dated = [
            [(line, found) for line in (*sample.head, *sample.tail) if (found := self.date(line.text)) is not None]
            for sample in self.samples
        ]
        entries, needed = self._date_entries(dated), _NEEDED["date_published"]
        choice = self.aligner.best("date_published", entries, lambda value: True, needed)
        if choice is not None and (are_of_several(choice.flat) or choice.bonus > 0):
            self.keep(choice)
            self._add_general(choice, dated)

    def _date_entries(self, dated: Sequence[Sequence[tuple[object, Found]]]) -> Iterator[tuple[Entry, float]]:
        every = [found for each in dated for _, found in each]
        for label, values in self.labels.items():
            inside = [found for value in values if (found := self.date(value)) is not None and not found.before]
            if len(inside) >= 0.75 * len(values):
                part = None if not any(found.after for found in inside) else f"^(?P<value>{self._form(inside)})"
                yield self._entry({"label": label}, part), bonus_of(label, "date")
        befores = recurring(([found.before for _, found in each] for each in dated), len(self.samples))
        for before in befores:
            inside = [found for found in every if found.before == before]
            tail = "" if all(not found.after for found in inside) else r"(?:[^\pL\d\n].*)?"
            if not before:
                yield {"pattern": f"^(?P<value>{self._form(inside)}){tail}$", **self._within(inside, dated)}, 0.1
            elif not has_digits(before) and before[-1] not in ":：" and width(before) <= 40:
                part = f"^(?P<value>{self._form(inside)})" if tail else None
                yield self._entry({"label": before}, part), bonus_of(before, "date")
        if every:  # anywhere in a line that says more
            form = self._form(every)
            yield {"pattern": rf"^[^\n]{{0,80}}?(?P<value>\b{form})[^\n]{{0,80}}$", **self._within(every, dated)}, -0.1

    def _form(self, found: Sequence[Found]) -> str:
        return form_of_all(each.said for each in found)

    def _within(self, found: Sequence[Found], dated: Sequence[Sequence[tuple[object, Found]]]) -> dict[str, int]:
        """`within_lines` for places at the top."""
        own = {id(each) for each in found}
        at_top = sum(
            any(line in sample.head for line, each in rows if id(each) in own)
            for sample, rows in zip(self.samples, dated, strict=True)
        )
        return {"within_lines": HEAD_LINES + 5} if at_top > 0.5 * len(self.samples) else {}

    def _entry(self, entry: dict[str, object], part: str | None) -> Entry:
        return entry if part is None else {**entry, "part": part}

    def _add_general(self, choice: Choice, dated: Sequence[Sequence[tuple[object, Found]]]) -> None:
        """A second place for the date, if seeds without the first have it there."""
        for entry, bonus in self._date_entries(dated):
            other = self.aligner.tried("date_published", entry, lambda value: True, bonus)
            pairs = list(zip(choice.values, other.values, strict=True))
            is_more = any(b and not a for a, b in pairs) and all(a == b for a, b in pairs if a and b)
            if bonus >= 0 and not other.bad and is_more:
                self.keep(other)
                return

    # names

    def _labelled_byline(self) -> None:
        entries: list[tuple[Entry, float]] = []
        labels = [*self.labels.items(), *self._words_before(lambda value: value if width(value) <= 100 else None)]
        for label, values in labels:
            bonus = bonus_of(label, "byline")
            if bonus < 0 or label.casefold() in self.constant:
                continue
            fitting = [value for value in values if self._are_names(self._cut(value, values)[0])]
            desks = [value for value in values if self._may_sign(self._cut(value, values)[0])] if bonus > 0 else []
            are_names = len(fitting) >= 0.75 * len(values) and self._are_surely_names(fitting)
            if are_names or len(desks) >= 0.75 * len(values):
                part = self._cut(values[0], values)[1]
                within = {} if label[-1] in ":：" else {"within_lines": self._last_line_with(label) + 2}
                split = split_of([self._cut(value, values)[0] for value in values], self.languages)
                entries.append((self._entry({"label": label, **within, **split}, part), bonus))
        entries += self._bylines_beside_dates()
        known = [pair for pair in entries if pair[1] > 0]
        choice = self.aligner.best("byline", known, self._may_sign, _NEEDED["byline"]) or self.aligner.best(
            "byline", entries, self._may_sign, _NEEDED["byline"], may_be_one=True
        )
        if choice is not None and (choice.bonus > 0 or are_of_several(choice.flat)):
            self.keep(choice)

    def _are_names(self, value: str) -> bool:
        return are_names(value, self.agencies)

    def _may_sign(self, value: str) -> bool:
        """Whether a value behind a label may be a byline: names, or a desk in a few words."""
        is_short = width(value) <= 50 and len(value.split()) <= 6 and value[-1:] not in ENDS
        return self._are_names(value) or (is_short and not has_digits(value) and "," not in value)

    def _last_line_with(self, label: str) -> int:
        """The last line of a seed's top, empty ones counted, that begins with a label."""
        tops = [enumerate(sample.text.split("\n")[: 2 * HEAD_LINES], 1) for sample in self.samples]
        numbers = [at for top in tops for at, line in top if line.strip(" *_\t").startswith(label)]
        return max(numbers, default=HEAD_LINES)

    def _are_surely_names(self, values: Sequence[str]) -> bool:
        """Whether values behind an unknown label are names: not one of their last words is a word of some text."""
        lasts = {value.split()[-1].casefold() for value in values}
        texts = [line.text for sample in self.samples for line in sample.lines[len(sample.head) :]]
        words = {word for text in texts for word in re.findall(r"[^\W\d_]+", text) if not word[0].isupper()}
        return len(set(values)) > 1 and not lasts & words

    def _cut(self, value: str, values: Sequence[str]) -> tuple[str, str | None]:
        """A byline without the date, place or role behind it, and the pattern for what is left (`None`: all of it)."""
        dated = [found for each in values if (found := self.date(each)) is not None]
        if len(dated) >= 0.75 * len(values) and all(found.before for found in dated):
            word = _last_word([found.before for found in dated])
            between = rf"(?:\s+{escaped(word)})?" if word else ""
            found = self.date(value)
            part = rf"^(?P<value>[^\n]*?[\pL\pM.)]){between}[^\pL\d\n]*{self._form(dated)}"
            return (found.before.removesuffix(word).rstrip(" ,|·•-–—(（，") if found else value), part
        closed = [each for each in values if each[-1:] in _CLOSERS and not any(sign in each for sign in _OPENERS)]
        if len(closed) >= 0.75 * len(values):
            return value.rstrip("".join(_CLOSERS)), r"^(?P<value>[^)）】\]\n]+)"
        separator = place_separator(values, self.agencies)
        if separator is None:
            return value, None
        sign = escaped(separator.strip())
        inside = sign if len(sign) == 1 else separator.strip()
        last = r"[^\n]*" if separator.strip() in "()（）" else rf"[^{inside}\n]*"
        spaces = r"\s*" if separator.startswith(" ") else ""
        part = rf"^(?P<value>[^\n]+?)(?:{spaces}{sign}{last})?$"
        return value.rpartition(separator)[0] or value, part

    def _bylines_beside_dates(self) -> Iterator[tuple[Entry, float]]:
        """Names behind a date in its line: `3 March 2019 | By A. Specimen`."""
        rows = [
            found for sample in self.samples for line in sample.head if (found := self.date(line.text)) and found.after
        ]
        if len(rows) < max(2, 0.5 * len(self.samples)):
            return
        afters = [row.after.strip(" |,·•–—-/") for row in rows]
        labels: dict[str, list[str]] = {"": afters}
        for after in afters:
            first, _, rest = after.partition(" ")
            if rest and bonus_of(first, "byline") > 0:
                labels.setdefault(first, []).append(rest)
        for label, values in labels.items():
            if values and sum(map(self._are_names, values)) >= 0.75 * len(rows):
                before = rf"{escaped(label.rstrip(':：'))}\s?[:：]?\s*" if label else ""
                pattern = rf"^[^\n]{{0,40}}?{self._form(rows)}[ \t|,·•–—/-]+{before}(?P<value>\pL[^\n]*)$"
                yield {"pattern": pattern, "within_lines": HEAD_LINES + 5}, 0.5 if label else 0.1

    _NAMES_FORM = (
        r"^(?P<value>\p{Lu}[\pL\pM.'’-]*(?:(?:, | and | und | et | y | e | og | och | i | и | )[\pL\pM.'’-]+){1,9})$"
    )

    def _byline_by_form(self) -> None:
        """A line of nothing but names, beside another field or at the end."""
        entries: list[tuple[Entry, float]] = [
            ({kind: name, "part": self._NAMES_FORM}, 0.1)
            for name in ("headline", "date_published") if name in self.aligner.found for kind in ("below", "above")
        ]  # fmt: skip
        entries += [({"line": number, "part": self._NAMES_FORM}, 0.0) for number in (1, 2, 3, 4, -1, -2)]
        headlines = {value for choice in self.aligner.found.get("headline", ()) for value in choice.flat}
        choice = self.aligner.best("byline", entries, self._are_names, 0.6)
        if choice is not None and (split := split_of(choice.flat, self.languages)):
            choice = self.aligner.tried("byline", {**choice.entry, **split}, self._are_names)
        is_other = choice is not None and are_of_several(choice.flat) and not headlines & set(choice.flat)
        if choice is not None and is_other and self._are_surely_names(choice.flat):
            self.keep(choice)

    # headlines, addresses, datelines

    def _headline(self) -> None:
        taken = {value for choices in self.aligner.found.values() for choice in choices for value in choice.flat}

        def fits(value: str) -> bool:
            return (
                is_headline(value) and value not in self.constant and value not in taken and not self._is_dated(value)
                and not self._is_byline(value)
            )  # fmt: skip

        entries: list[tuple[Entry, float]] = [
            ({"label": label}, bonus_of(label, "headline"))
            for label in self.labels if bonus_of(label, "headline") > 0
        ]  # fmt: skip
        entries.append(({"pattern": r"\A\s*#{1,3}[ \t]+(?P<value>[^\n]*?[^\s#])[ \t#]*$"}, 0.3))
        longest = sorted(len(sample.head) for sample in self.samples)[len(self.samples) // 2]
        entries += [({"line": number}, 0.1 - number / 100) for number in range(1, min(8, longest) + 1)]
        for name in ("date_published", "byline"):
            if name in self.aligner.found:
                entries += [({"above": name}, 0.05), ({"below": name}, 0.04)]
        plain = [(entry, bonus + self._doubt(entry)) for entry, bonus in entries if bonus <= 0.3]
        known = [pair for pair in entries if pair[1] > 0.3]
        choice = self.aligner.best("headline", [*known, *plain], fits, _NEEDED["headline"])
        if choice is not None and differ(choice.flat):
            self.keep(choice)

    def _doubt(self, entry: Entry) -> float:
        """What speaks against a line as headline: it begins with one label in all seeds, or it is mostly names."""
        values = self.aligner.tried("headline", entry, is_headline).flat
        if share_a_label(values):
            return -5.0
        if len(values) > 2 and (len(set(values)) < 0.8 * len(values) or len(same_start(values).split()) > 1):
            return -0.5  # the path to a section, or a series
        are_short = sum(map(width, values)) < 16 * len(values)  # the name of a section
        return -0.3 if are_short or sum(map(self._are_names, values)) > 0.5 * len(values) else 0.0

    def _is_dated(self, value: str) -> bool:
        found = self.date(value)
        return found is not None and len(found.said) > 0.4 * len(value)

    def _is_byline(self, value: str) -> bool:
        first = value.split(" ", 1)[0].casefold()
        return first in known_labels("byline") and len(value.split()) <= 6 and self._are_names(value.partition(" ")[2])

    def _address(self) -> None:
        labels = [label for label, values in self.labels.items() if sum(map(is_address, values)) > 0.6 * len(values)]
        entries: list[tuple[Entry, float]] = [({"label": label}, 0.2) for label in labels]
        entries.append(({"pattern": r"^[ \t<]*(?P<value>https?://[^\s>]+)[ \t>]*$"}, 0.1))
        choice = self.aligner.best("source_url", entries, is_address, _NEEDED["source_url"])
        if choice is not None and differ(choice.flat):
            self.keep(choice)

    def _dateline(self) -> None:
        """A town, a day and perhaps an agency before the first sentence, for seeds that say no date elsewhere."""
        starts = []
        for sample in self.samples:
            line = next((line.text for line in sample.lines if line.number == len(sample.head) + 1), "")
            match = re.match(r"([^\n]{3,90}?)\s?(--|—|–|-(?=\s)|：|:)\s?", line)
            found = self.date(match[1], without_year=True) if match else None
            if match is not None and found is not None and found.before and width(found.before) <= 50:
                starts.append((found, match[2]))
        if len(starts) < max(min(2, len(self.samples)), _NEEDED["dateline"] * len(self.samples)):
            return
        form = self._form([found for found, _ in starts])
        signs = "|".join(escaped(sign) for sign in dict.fromkeys(sign for _, sign in starts))
        agency = r"(?:[ \t]*[(（](?P<agency>[^()（）\n]{2,40})[)）])?" if any(f.after for f, _ in starts) else ""
        place = r"(?P<place>\pL[^\n()（）\d]{0,50}?)"
        pattern = rf"^[ \t]*(?P<value>{place},? *(?P<date>{form})){agency}[ \t.]*(?:{signs})"
        for name, group in (("dateline", ""), ("date_published", "date"), ("agency", "agency")):
            if name == "agency" and not agency:
                continue
            entry = {"pattern": pattern, **({"group": group} if group else {}), "within_lines": HEAD_LINES + 5}
            needed = 0.5 if name == "agency" else _NEEDED["dateline"]
            self.keep(self.aligner.best(name, [(entry, 0.0)], bool, needed, name == "agency"))


def _short_texts(sample: Sample) -> Iterator[str]:
    """The texts of a page's elements with a class that may be a date."""
    for selector in sample.page.classes()[:_SELECTORS]:
        texts = sample.page.elements(selector)
        if texts and len(texts[0][0]) <= _SHORT:
            yield texts[0][0]


def order_of(samples: Sequence[Sample], languages: tuple[str, ...]) -> str | None:
    """Which number of 3/4/2021 is the day, if only one order reads all such dates of the seeds."""
    texts = [line.text for sample in samples for line in (*sample.head, *sample.tail)]
    texts += [str(value) for sample in samples if sample.matter for value in sample.matter.values.values()]
    texts += [text for sample in samples if sample.is_page for text in _short_texts(sample)]
    numeric = re.compile(r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{4}(?!\d)")
    dates = [match[0] for text in texts for match in [numeric.search(text)] if match]
    orders = ("day-first", "month-first")
    readable = [order for order in orders if dates and all(date_in(each, order, languages) for each in dates)]
    return readable[0] if len(readable) == 1 and len(dates) > 1 else None
