"""Headlines as pages give them: with the site's name at the end, and in several places that differ a little."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from validator.record.model import Reading
from validator.text.patterns import late

_SEPARATOR = late(r"\s*(?:[|｜·•»›：]|--+)\s*|\s+[-–—:~/]\s+")

_LONGEST = 200  # characters of a suffix


def _letters(text: str) -> str:
    """The letters and digits of a text, in small form: what two spellings of a headline or a name share."""
    return "".join(filter(str.isalnum, text.casefold()))


def names_of_site(values: Iterable[str]) -> frozenset[str]:
    """Names and addresses of a publisher, to compare others with: of an address the host and each longer part of it."""
    names: set[str] = set()
    for value in values:
        if "://" in value:
            try:
                host = urlsplit(value).hostname or ""
            except ValueError:
                continue
            labels = host.removeprefix("www.").split(".")
            names |= {
                _letters(host),
                *map(_letters, (".".join(labels), *(label for label in labels[:-1] if len(label) > 3))),
            }
        else:
            names.add(_letters(value))
    return frozenset(names - {""})


def is_of_site(value: str, names: frozenset[str]) -> bool:
    """Whether a value is one of the `names_of_site`."""
    return _letters(value) in names


def without_suffix(value: str, names: frozenset[str]) -> str:
    """A headline without a separator and the name of the site at its end: `A headline | The Example Gazette`."""
    for separator in _SEPARATOR.finditer(value, max(len(value) - _LONGEST, 0)):
        if separator.start() and is_of_site(value[separator.end() :], names):
            return value[: separator.start()]
    return value


def shared(places: Sequence[Sequence[Reading]]) -> Reading | None:
    """The first value that a second place has too, with other marks or with more after a separator; then the shorter one."""
    for number, readings in enumerate(places):
        others = [other for at, each in enumerate(places) if at != number for other in each]
        for reading in readings:
            same = [other for other in others if _is_same(reading.value, other.value)]
            if same:
                return min((reading, *same), key=lambda each: len(_letters(each.value)))
    return None


def _is_same(one: str, other: str) -> bool:
    if _letters(one) == _letters(other):
        return _letters(one) != ""
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and _SEPARATOR.match(longer, len(shorter)) is not None
