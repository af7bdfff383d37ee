"""Where front matter and pages say their values: keys, `meta`, elements, beside what the generic sources read already."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from validator.learning.aligning import Aligner, Choice, Entry
from validator.learning.forms import are_names, are_of_several, date_in, differ, form_of_all, same_start, split_of
from validator.learning.samples import Sample, width
from validator.learning.text_places import bonus_of
from validator.record.places import folded_names, is_address
from validator.sources.model import Place
from validator.text.patterns import escaped

KIND_OF = {"headline": "headline", "byline": "byline", "date_published": "date", "source_url": ""}
_NEEDED = {"headline": 0.8, "byline": 0.5, "date_published": 0.8, "source_url": 0.6}
_DEPTH = 3
_ENOUGH, _ENOUGH_PAGES = 8, 5  # seeds that all have a value at one place, so that the next one has it there too
_SELECTORS = 120
_LONGEST = 120  # characters of an element's text
_ENOUGH_TITLES = 3  # pages whose titles show what is the name of their site
_DISTINCT = 0.8  # how many of the headlines of different pages are different
_IN_WORDS = 0.15  # what speaks against a date behind words
_OF_A_TITLE = 0.4  # how much of the titles a headline is at least: the name of a section is in few of them
_BEGIN, _END = re.compile(r".*(?:[:»|]|\s[-–—·•:]{1,2})\s+"), re.compile(r"\s+(?:[«|]|[-–—·•:]{1,2}\s).*")


class KeyedPlaces:
    """Finds the places of front matter and pages that the generic source does not read. `generic` is what it reads by itself."""

    def __init__(self, aligner: Aligner) -> None:
        self.aligner = aligner
        self.agencies = folded_names(aligner.base.agencies)
        self.languages = tuple(filter(None, [aligner.base.policy.language]))
        self.generic: dict[str, Choice] = {}

    def find(self) -> None:
        """Find a place for each field in which more seeds have a good value than the generic source finds."""
        for field in KIND_OF:
            if field in self.aligner.found:  # a curator has pointed at it
                continue
            generic = self._generic(field)
            if field == "byline":
                generic = self._divided(generic)
            if self._is_page and self._is_of_the_site(generic):
                generic = replace(generic, good=0)
            number = len(self.aligner.samples)
            if generic.good == number and field != "source_url" and self._narrowed(generic):
                continue
            if generic.good == number and self._bound(generic):
                continue
            is_enough = bool(generic.good) and self._is_page and generic.good >= _NEEDED[field] * number
            if generic.good == number or (is_enough and field != "byline"):
                self.generic[field] = generic
                continue
            entries, fits = list(self._entries(field)), self._fits(field)
            choice = self.aligner.best(field, entries, fits, _NEEDED[field])
            if is_enough:  # what the generic source reads is right, if not complete
                choice = self._finished(choice) if choice is not None else None
                choice = choice if choice is not None and _is_the_same(choice, generic) else None
            elif choice is None and field == "byline":  # one writer wrote them all
                choice = self.aligner.best(field, entries, fits, _NEEDED[field], may_be_one=True)
            is_more = choice is not None and choice.good > generic.good
            is_varied = are_of_several if field in ("byline", "date_published") else differ
            if choice is not None and is_more and (is_varied(choice.flat) or choice.bonus > 0):
                self.aligner.found[field] = [self._finished(choice) if field == "byline" else choice]
            elif generic.good:
                self.generic[field] = generic

    @property
    def _is_page(self) -> bool:
        return self.aligner.samples[0].is_page

    def _generic(self, field: str) -> Choice:
        places = self.aligner.base.places.get(field, ())
        read = self.aligner.read(field, places)
        good = sum(values is not None for values, _ in read)
        return Choice(field, {}, tuple(values for values, _ in read), good, 0)

    def _is_of_the_site(self, generic: Choice) -> bool:
        """Whether what the generic source reads is said of the site and not of its articles.

        That is a headline which the pages share, or which has the site's name at one end, and one date of them all.
        """
        if generic.field == "headline":
            begin, end = self._frame(generic.flat)
            is_shared = len(set(generic.flat)) < _DISTINCT * len(generic.flat)  # the name of the site, or of a section
            return is_shared or bool(begin or end)
        return generic.field == "date_published" and generic.is_one

    def _frame(self, titles: Sequence[str]) -> tuple[str, str]:
        """What all titles begin and end with, up to a sign that sets the name of a site off."""
        if len(titles) < _ENOUGH_TITLES or not differ(titles):
            return "", ""
        begin = _BEGIN.match(same_start(titles))
        end = _END.search(_same_end(titles))
        return begin[0] if begin else "", end[0] if end else ""

    def _narrowed(self, generic: Choice) -> bool:
        """Keep only the one generic place that gives the value in all seeds, so that a seed without it is noticed.

        Front matter of a few seeds may lack what others have, such as a date that the path gives; pages of one site are alike.
        """
        self.generic[generic.field] = generic
        place = self.place_in(generic.field)
        if place is None or place.path is not None or generic.field in self.aligner.found:
            return generic.field in self.aligner.found
        enough = _ENOUGH_PAGES if self._is_page and generic.field != "byline" else _ENOUGH
        if len(self.aligner.samples) < enough or (not self._is_page and self._is_in_the_path(generic.field)):
            return False
        self.aligner.found[generic.field] = [Choice(generic.field, entry_of(place), generic.values, generic.good, 0)]
        return True

    def _bound(self, generic: Choice) -> bool:
        """Keep only the keys of pages that all say their date in one: the first `time` of a page without it is another's date."""
        if not self._is_page or generic.field != "date_published" or len(self.aligner.samples) < 2:
            return False
        keyed = [place for place in self.aligner.base.places[generic.field] if place.json_ld or place.meta]
        if any(values is None for values, _ in self.aligner.read(generic.field, keyed)):
            return False
        choices = [self.aligner.tried(generic.field, entry_of(place), bool) for place in keyed]
        always = ({"json_ld": "datePublished"}, {"meta": "article:published_time"})
        self.aligner.found[generic.field] = [each for each in choices if each.good or each.entry in always]
        return True

    def _is_in_the_path(self, field: str) -> bool:
        """Whether the path of some seed gives the value too: then it stays a place, for seeds that say it nowhere else."""
        places = [place for place in self.aligner.base.places.get(field, ()) if place.path is not None]
        return any(values is not None for values, _ in self.aligner.read(field, places)) if places else False

    def _divided(self, generic: Choice) -> Choice:
        """What the generic source reads, or a place of its own where names are joined by a word that it does not divide at."""
        split = split_of([name for values in generic.values for name in values or ()], self.languages)
        if split:
            self.generic["byline"] = generic
            place = self.place_in("byline")
            if place is not None and place.path is None:
                entry = {**entry_of(place), **split}
                self.aligner.found["byline"] = [self.aligner.tried("byline", entry, self._fits("byline"))]
        return generic

    def _finished(self, choice: Choice) -> Choice:
        """A place of names without the word that all of them begin with, and with what divides them."""
        word = same_start(choice.flat).strip()
        extra: dict[str, str] = {}
        if word and bonus_of(word, "byline") > 0 and len(choice.flat) > 1:
            extra["part"] = rf"^{escaped(word)}\s+(?P<value>.+)$"
        names = [value.removeprefix(word).strip() for value in choice.flat]
        extra |= split_of(names, self.languages)
        return (
            self.aligner.tried("byline", {**choice.entry, **extra}, self._fits("byline"), choice.bonus)
            if extra
            else choice
        )

    def place_in(self, field: str) -> Place | None:
        """The one generic place that gives all that the generic source reads for a field."""
        wanted = self.generic[field].values
        for place in self.aligner.base.places.get(field, ()):
            if tuple(values for values, _ in self.aligner.read(field, [place])) == wanted:
                return place
        return None

    def _fits(self, field: str) -> Callable[[str], bool]:
        if field == "byline":
            return lambda value: are_names(value, self.agencies)
        if field == "source_url":
            return is_address
        return _is_title if field == "headline" else bool

    def _entries(self, field: str) -> Iterator[tuple[Entry, float]]:
        if self._is_page:
            yield from self._of_pages(field)
            return
        counts: dict[str, int] = {}
        for sample in self.aligner.samples:
            for key in dict.fromkeys(keys_of(sample)):
                counts[key] = counts.get(key, 0) + 1
        for key, count in counts.items():
            bonus = bonus_of(spoken(key), KIND_OF[field]) if KIND_OF[field] else 0.0
            if count >= _NEEDED[field] * len(self.aligner.samples) and bonus >= 0:
                yield {"front_matter": key}, bonus

    def _of_pages(self, field: str) -> Iterator[tuple[Entry, float]]:
        samples = self.aligner.samples
        if field == "headline":
            yield from (({"element": tag}, 0.1) for tag in ("h1", "h2"))
            yield from self._in_titles()
        if field not in ("byline", "date_published"):
            return
        for selector in self._common(field):
            name = spoken(selector.rpartition(".")[2])
            known = max(bonus_of(word, KIND_OF[field]) for word in (name, *name.split()))
            if known < 0 and field == "date_published" and bonus_of(name, "byline") > 0:
                known = 0.0  # the line of the writer may say the day too
            texts = [found[0][0] for sample in samples if (found := sample.page.elements(selector))]
            if known < 0 or sum(map(len, texts)) > _LONGEST * len(texts):
                continue
            yield {"element": selector}, known
            part = self._part(field, texts)
            if part is not None:
                yield {"element": selector, "part": part}, known - (_IN_WORDS if self._is_in_words(field, texts) else 0)

    def _is_in_words(self, field: str, texts: Sequence[str]) -> bool:
        """Whether words that are no label of a date are before each date, as in a sentence about today."""
        if field != "date_published":
            return False
        order = self.aligner.base.date_order
        befores = [found.before for text in texts if (found := date_in(text, order, self.languages)) is not None]
        return bool(befores) and all(before and bonus_of(before, "date") <= 0 for before in befores)

    def _common(self, field: str) -> list[str]:
        """Selectors by class that enough pages have."""
        counts: dict[str, int] = {}
        for sample in self.aligner.samples:
            for selector in sample.page.classes():
                counts[selector] = counts.get(selector, 0) + 1
        least = _NEEDED[field] * len(self.aligner.samples)
        return [selector for selector, count in counts.items() if count >= least][:_SELECTORS]

    def _in_titles(self) -> Iterator[tuple[Entry, float]]:
        """Places of the headline that the titles of pages confirm: elements by class, and the title without the site's name."""
        samples, titles = self.aligner.samples, self._titles()
        for selector in self._common("headline"):
            texts = [next((text for text, _ in sample.page.elements(selector)), "") for sample in samples]
            inside = sum(bool(text) and text in title for text, title in zip(texts, titles, strict=True))
            if inside >= _NEEDED["headline"] * len(samples) and len("".join(texts)) >= _OF_A_TITLE * len(
                "".join(titles)
            ):
                yield {"element": selector}, 0.2
        begin, end = self._frame(titles)
        if begin or end:
            yield {"element": "head > title", "part": rf"^{escaped(begin)}(?P<value>.+?){escaped(end)}$"}, 0.0

    def _titles(self) -> list[str]:
        return [next((text for text, _ in sample.page.elements("title")), "") for sample in self.aligner.samples]

    @property
    def site(self) -> str:
        """The name of the site, which the titles of all pages begin or end with; empty if they do not."""
        begin, end = self._frame(self._titles())
        return (begin or end).strip(" -–—|·•:»«")

    def _part(self, field: str, texts: Sequence[str]) -> str | None:
        """A pattern for the date, or the names, in texts of elements that say more; `None` if they say nothing else."""
        dated = [found for text in texts if (found := date_in(text, self.aligner.base.date_order, self.languages))]
        if field == "date_published":
            says_more = len(dated) >= 0.75 * len(texts) and any(found.before or found.after for found in dated)
            return rf"(?P<value>\b{form_of_all(found.said for found in dated)})" if says_more else None
        words = {text.partition(" ")[0] for text in texts}
        word = min(words) if len(words) == 1 else ""
        if bonus_of(word, "byline") <= 0 and not dated:
            return None
        before = rf"{escaped(word)}\s+" if bonus_of(word, "byline") > 0 else ""
        return rf"^{before}(?P<value>\pL[^\n|·•\d(]*?[\pL\pM.])(?:\s*[|·•–—(].*|\s+-\s.*|,?\s+(?:[\pL\pM]+\.?\s+){{0,3}}\d.*)?$"


def _is_the_same(choice: Choice, generic: Choice) -> bool:
    """Whether a place gives all that the generic source reads."""
    return all(not old or old == new for new, old in zip(choice.values, generic.values, strict=True))


def _same_end(texts: Sequence[str]) -> str:
    """What all texts end with, from a space on."""
    ends = [text[::-1] for text in texts]
    first, last = min(ends), max(ends)
    length = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), 0)
    return first[: first.rfind(" ", 0, length) + 1][::-1]


def entry_of(place: Place) -> dict[str, Any]:
    """A place as a schema writes it."""
    plain = Place._field_defaults
    said = {name: getattr(place, name) for name in plain if getattr(place, name) != plain[name]}
    if place.shared:
        said["shared"] = [entry_of(each) for each in place.shared]
    return {
        ("from" if name == "from_field" else name): list(value) if isinstance(value, tuple) else value
        for name, value in said.items()
    }


def spoken(key: str) -> str:
    """The last step of a key as words: `pubDate`, `pub_date` and `meta.pub-date` are `pub date`."""
    last = key.removesuffix(".*.name").removesuffix(".name").rpartition(".")[2]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]+", " ", last).casefold()
    return " ".join(words.split())


def keys_of(sample: Sample) -> Iterator[str]:
    """The keys of a front matter that have texts, with the steps to those inside others."""

    def walk(values: Mapping[str, Any], before: str, depth: int) -> Iterator[str]:
        for key, value in values.items():
            path = f"{before}{key}"
            if "." in key or "*" in key:
                continue
            if isinstance(value, dict) and depth < _DEPTH:
                yield from walk(value, f"{path}.", depth + 1)
            elif isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
                yield from walk(value[0], f"{path}.*.", depth + 1)
            elif isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value)):
                yield path

    if sample.matter is not None:
        yield from walk(sample.matter.values, "", 1)


def _is_title(value: str) -> bool:
    """Whether a value of front matter may be a headline: words, no address and no sentence of a summary."""
    is_words = " " in value or not value.isascii()
    is_text = any(map(str.isalpha, value)) and "://" not in value and value[-1] != "."
    return is_words and is_text and 3 <= width(value) <= 250
