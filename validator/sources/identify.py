"""Which source a seed is from, with points, evidence and doubts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import count
from typing import NamedTuple

from validator.sources.model import PLACE_SCORE, Identify, Source, Sources
from validator.text.globs import glob_pattern
from validator.text.patterns import PatternSet, Subject, expression, late


@dataclass(frozen=True, slots=True)
class Score:
    """The points of one source for one seed, and why. `signs` are the kinds of evidence: path, address, link, text."""

    source: str
    score: int
    at_least: int
    certain_from: int
    evidence: tuple[str, ...]
    container_fits: bool = True
    signs: frozenset[str] = field(default=frozenset(), compare=False)


class Claim(NamedTuple):
    """A source that somebody names, and who (`by`)."""

    source: str
    by: str


class Match(NamedTuple):
    """Which source a seed is from. `rivals` are others that fit as well; `problem` says why a match is not certain."""

    source: str | None
    certain: bool
    evidence: tuple[str, ...]
    scores: tuple[Score, ...] = ()
    rivals: tuple[str, ...] = ()
    problem: str = ""


class Traits(NamedTuple):
    """What identification looks at: the seed's path, its text for patterns, its own addresses, its front-matter keys.

    `keyed` are addresses with their key; whether one is the seed's own depends on the source. `languages` are those that the
    seed itself names. Its text begins at `content`; if there is none, its `title` shows the script.
    """

    path: str | None
    subject: Subject
    urls: tuple[str, ...]
    keys: frozenset[str]
    has_fence: bool
    keyed: tuple[tuple[str, str], ...] = ()
    languages: tuple[str, ...] = ()
    content: int = 0
    title: str = ""


_SITE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+://[^/?#]*+")


def host_of(url: str) -> str:
    """The host of an address in lower case, '' if it has none."""
    site = _SITE.match(url)
    return _host_of(url if site is None else site[0])


@lru_cache(maxsize=256)  # the seeds of an archive are of few sites
def _host_of(url: str) -> str:
    from urllib.parse import urlsplit

    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


class Signs(NamedTuple):
    """What a seed has of what some sources are known by. Most seeds of an archive have the same, so it is judged once."""

    globs: frozenset[str]
    patterns: frozenset[str]
    keys: frozenset[str]
    has_fence: bool
    hosts: tuple[str, ...]  # of its own addresses: '' if it has none, _ELSEWHERE if it is of no source's site
    keyed: tuple[tuple[str, str], ...]  # keys of other addresses, with such a host
    is_note: bool


_ELSEWHERE = "?"
_NOTE = re.compile(
    r"(?:.*/)?(?:read[ _-]?me|notes?|licen[cs]e|copying|contributing|changelog|changes|todo|credits)(?:\.[^/]*)?",
    re.IGNORECASE | re.DOTALL,
)


# So many texts are searched for one pattern after the other: for fewer, making one search of all would take longer than it saves.
_FIRST = 16


class _Patterns:
    """The patterns by which sources recognise a text."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._each = tuple(dict.fromkeys(patterns))
        self._texts = count()

    def fitting(self, subject: Subject) -> frozenset[str]:
        """The patterns that match somewhere in a text."""
        found = self._all.found_in(subject.encoded) if next(self._texts) >= _FIRST else None
        return frozenset(filter(subject.fits, self._each)) if found is None else found

    @cached_property
    def _all(self) -> PatternSet:
        return PatternSet(self._each)


class _Known:
    """What some sources are known by."""

    def __init__(self, sources: tuple[Source, ...]) -> None:
        known = [(source, source.identify) for source in sources if source.identify is not None]
        self._fits = {glob: glob_pattern(glob).match for _, identify in known for glob in identify.paths}
        self._sites = frozenset(_site(host) for _, identify in known for host in identify.hosts)
        self._patterns = {  # whether there is front matter -> the patterns of such sources
            is_expected: _Patterns(
                pattern
                for source, identify in known
                if _has_fence(source) == is_expected
                for pattern, _ in identify.text
            )
            for is_expected in (True, False)
        }

    def signs_of(self, traits: Traits) -> Signs:
        path = traits.path
        return Signs(
            globs=frozenset([glob for glob, fits in self._fits.items() if fits(path)] if path is not None else ()),
            patterns=self._patterns[traits.has_fence].fitting(traits.subject),
            keys=traits.keys,
            has_fence=traits.has_fence,
            hosts=tuple(map(self._host, traits.urls)),
            keyed=tuple([(key, self._host(url)) for key, url in traits.keyed]) if traits.keyed else (),
            is_note=path is not None and _NOTE.fullmatch(path) is not None,
        )

    def _host(self, url: str) -> str:
        host = rest = host_of(url)
        while rest and rest not in self._sites:
            rest = rest.partition(".")[2]
        return host if not host or rest else _ELSEWHERE


_known = lru_cache(maxsize=16)(_Known)


def _has_fence(source: Source) -> bool:
    return source.policy.container == "front-matter"


def _site(host: str) -> str:
    """`www.a.example` and `news.a.example` are of one site, `a.example`."""
    return host if host.count(".") < 2 else host.partition(".")[2]


# A page's own address has these keys too, but so has the page that a post only talks about.
_LINKING = frozenset({"link", "source"})


def _hosts(source: Source, signs: Signs) -> tuple[list[str], list[str]]:
    """The hosts of the seed's own addresses if it is from this source, and of addresses that it may only link to.

    Own are the addresses at keys from which the source reads `source_url`. A source that names no such key takes any.
    """
    read = {place.front_matter for place in source.places_of("source_url") if place.front_matter is not None}
    own = list(signs.hosts)
    linked: list[str] = []
    for key, host in signs.keyed:
        if not read or key in read:
            is_linked = key in _LINKING and not (read and read <= _LINKING)
            (linked if is_linked else own).append(host)
    return own, linked


def score(source: Source, traits: Traits) -> Score | None:
    """What a source scores; `None` if it cannot be identified, only named."""
    return _score(source, _known((source,)).signs_of(traits))


def _score(source: Source, signs: Signs) -> Score | None:
    identify = source.identify
    if identify is None:
        return None
    found: list[tuple[str, int, str]] = []  # the kind of sign, its points and what is found
    glob = next((glob for glob in identify.paths if glob in signs.globs), None)
    if glob is not None:
        found.append(("path", PLACE_SCORE, f"path fits {glob}"))
    own, linked = _hosts(source, signs)
    host = next((host for host in identify.hosts if host in own or host in linked), None)
    if host is not None:
        is_own = any(host in own for host in identify.hosts)
        found.append(("address" if is_own else "link", PLACE_SCORE, f"address at {host}"))
    container_fits = _has_fence(source) == signs.has_fence
    if container_fits:
        fits = signs.patterns
        found += [("text", points, f"text fits {pattern}") for pattern, points in identify.text if pattern in fits]
        keys = _keys_found(identify, signs.keys)
        if keys:
            found.append(("text", identify.keys_score, f"front matter has {', '.join(keys)}"))
    evidence = [f"{said} (+{points})" for _, points, said in found]
    if found and not container_fits:
        evidence.append(f"but the seed has {'' if signs.has_fence else 'no '}front matter")
    points, kinds = sum(points for _, points, _ in found), frozenset(kind for kind, _, _ in found)
    return Score(source.id, points, identify.at_least, identify.certain_from, tuple(evidence), container_fits, kinds)


def _keys_found(identify: Identify, keys: frozenset[str]) -> list[str]:
    """The front-matter keys that show that a seed is from a source; empty if one is missing."""
    some = sorted(identify.any_key & keys)
    if not keys.issuperset(identify.keys) or (identify.any_key and not some):
        return []
    return [*identify.keys, *some]


def _doubt(sources: tuple[Source, ...], best: Score, signs: Signs) -> str:
    """Why a source is not certain although it has enough points, '' if it is certain.

    A folder holds notes beside its seeds, and a post links to other people's pages: a place alone proves nothing.
    """
    by_name = {source.id: source for source in sources}
    source, kinds = by_name[best.source], best.signs
    identify = source.identify or Identify()
    if identify.generic and signs.is_note:
        return "a file of that name is seldom a seed"
    if not kinds & {"path", "address", "link"}:
        return ""
    if "path" in kinds and "address" not in kinds:
        if _are_elsewhere(_hosts(source, signs)[0], identify.hosts):
            return "the seed's address is at another site"
        if signs.is_note and best.score - PLACE_SCORE < identify.certain_from:
            return "a file of that name is rarely a seed"
    if "text" in kinds or {"path", "address"} <= kinds:
        return ""
    if kinds & {"path", "address"}:
        # A source without fingerprints is recognized by those of its nearest ancestor that has any.
        chain = [source, *(by_name[name] for name in source.ancestors if name in by_name)]
        known = next((each for each in chain if each.identify and (each.identify.text or each.identify.keys)), None)
        confirmed = _score(known, signs) if known is not None else None
        if confirmed is None or "text" in confirmed.signs:
            return ""
    return f"only its {'path' if 'path' in kinds else 'address'} says so, and nothing in its text"


def _are_elsewhere(own: list[str], hosts: tuple[str, ...]) -> bool:
    """Whether the seed has addresses, all at other sites."""
    sites, known = map(_site, hosts), [host for host in own if host]
    return bool(hosts and known) and not any(f".{host}".endswith(f".{site}") for site in sites for host in known)


# --- the script of a text ---------------------------------------------------------------------------------------------

_SAMPLE = 2000  # characters that show the script
_TAG = late(r"<[^<>]*>|https?://\S+|&#?\w+;")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_EAST_ASIAN = {
    "han": "[\u3400-\u9fff\U00020000-\U0003ffff]+",
    "kana": "[\u3041-\u30ff]+",
    "hangul": "[\uac00-\ud7a3]+",
}
_SCRIPTS_OF = {"zh": ("han",), "ja": ("han", "kana"), "ko": ("han", "hangul")}


def script_of(text: str, start: int = 0) -> str:
    """The script of most of a text from `start` on: `latin`, `han`, `kana`, `hangul` or `other`; '' without letters.

    Tags and addresses do not count. A Chinese character counts as much as a word of Latin letters.
    """
    sample = text[start : start + _SAMPLE]
    if "<" in sample or "://" in sample:
        sample = _TAG.sub(" ", sample)
    if sample.isascii():
        return "latin" if _LATIN_WORD.search(sample) else ""
    words = len(_LATIN_WORD.findall(sample))
    counts = {name: sum(map(len, expression(each).findall(sample))) for name, each in _EAST_ASIAN.items()}
    east_asian = sum(counts.values())
    if east_asian and east_asian >= words:
        kana, hangul = counts["kana"], counts["hangul"]
        if 10 * max(kana, hangul) > east_asian:  # Japanese and Korean have Han characters too
            return "kana" if kana >= hangul else "hangul"
        return "han"
    letters = sum(map(str.isalpha, sample)) - east_asian
    latin = sum(map(len, _LATIN_WORD.findall(sample)))
    if letters > 2 * latin:
        return "other"
    return "latin" if words else ""


def _in_its_language(sources: Sources, traits: Traits, match: Match) -> Match:
    """The match, made uncertain if the seed's script, or the language that it names, is not the source's."""
    if not match.certain or match.source is None:
        return match
    policy, problem = sources[match.source].policy, ""
    if policy.script != "auto":
        script = script_of(traits.subject.text, traits.content) or script_of(traits.title)
        language = (policy.language or "").partition("-")[0]
        east_asian = _SCRIPTS_OF.get(language, tuple(_EAST_ASIAN))
        if script and script not in (("latin",) if policy.script == "latin" else east_asian):
            problem = "the text is not in that source's script"
    if policy.language and traits.languages and not problem:
        from validator.text.languages import primary

        if primary(policy.language) not in [primary(language) for language in traits.languages]:
            problem = "the seed names another language than that source's"
    return match._replace(certain=False, problem=problem) if problem else match


def identify(sources: Sources, traits: Traits, claim: Claim | None = None) -> Match:
    """Which source the seed is from.

    A claim (`--source`, a glob of the configuration, the sidecar) settles it. Otherwise the highest score wins among sources
    that reach their `at_least`, and a source goes before its ancestors. The match is certain if it reaches `certain_from`, the
    container fits, the text confirms it (`_doubt`), no unrelated source is as certain, and script and language are the source's.
    """
    each = tuple(sources.values())
    match = _match(each, _known(each).signs_of(traits))
    if claim is not None:
        return Match(claim.source, True, (f"named by {claim.by}",), match.scores)
    return _in_its_language(sources, traits, match)


@lru_cache(maxsize=256)
def _match(sources: tuple[Source, ...], signs: Signs) -> Match:
    """Which of the sources fits best, whatever the seed's script and language."""
    found = [result for source in sources if (result := _score(source, signs)) is not None]
    scores = tuple(sorted(found, key=lambda result: (-result.score, result.source)))
    by_name = {source.id: source for source in sources}
    fitting = _without_weaker(by_name, [result for result in scores if result.score >= result.at_least])
    # A child that fits beats its ancestors, and an ancestor is never its child's rival.
    covered = {ancestor for result in fitting for ancestor in by_name[result.source].ancestors}
    fitting = [result for result in fitting if result.source not in covered]
    if not fitting:
        near = next((result for result in scores if result.score), None)
        problem = f"nearest is {near.source} with {near.score} of {near.at_least}" if near else "nothing fits"
        return Match(None, False, (), scores, problem=problem)
    fitting.sort(key=lambda result: (not result.container_fits, -result.score, result.source))
    return _best(sources, signs, fitting, scores)


def _without_weaker(sources: Sources, fitting: list[Score]) -> list[Score]:
    """The fitting sources without generic ones if a specific one fits, and the other way round.

    Beside a generic source, a specific one does not fit if all that it has is a link, or an address in another container.
    """
    generic = [result for result in fitting if (found := sources[result.source].identify) and found.generic]
    specific = [result for result in fitting if result not in generic]
    known = [
        result
        for result in specific
        if result.signs & ({"path", "address", "text"} if result.container_fits else {"path"})
    ]
    return (known or generic) if generic else specific


def _best(sources: tuple[Source, ...], signs: Signs, fitting: list[Score], scores: tuple[Score, ...]) -> Match:
    """The first of the fitting sources, best first, and whether it is certain."""
    best, others = fitting[0], fitting[1:]
    equal = tuple(
        other.source for other in others if other.score == best.score and other.container_fits == best.container_fits
    )
    rivals = tuple(other.source for other in others if other.score >= other.certain_from and other.container_fits)
    if equal:
        problem = f"{' and '.join((best.source, *equal))} score {best.score} each"
    elif not best.container_fits:
        problem = "its container is not that source's"
    elif best.score < best.certain_from:
        problem = f"{best.score} points, certain from {best.certain_from} on"
    else:
        problem = _doubt(sources, best, signs)
        if rivals and not problem:
            problem = f"{' and '.join(rivals)} would fit as well"
    return Match(best.source, not problem, best.evidence, scores, equal, problem)
