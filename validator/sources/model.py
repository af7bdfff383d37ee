"""Sources as plain frozen facts, and which source a seed is of, with the evidence. `source_schema` reads them from files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from validator.text.findings import Applicability, Severity
from validator.text.globs import glob_pattern
from validator.text.patterns import Subject

FIELDS = ("headline", "byline", "date_published", "dateline", "agency", "publisher", "source_url", "language", "body")
PLACE_SCORE = 10  # of a path or a host that fits


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a source says of its texts, as far as rules may know it."""

    container: str = "plain-text"
    markup: str = "text"
    language: str | None = None
    script: str = "auto"
    quotes: str = "auto"
    encoding: str = "utf-8"
    legacy: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place a value may be read from; exactly one of the first ten is set, or `after`/`before` for the body."""

    front_matter: str | None = None
    pattern: str | None = None
    path: str | None = None
    url: str | None = None
    line_before: str | None = None
    from_field: str | None = None
    value: str | tuple[str, ...] | None = None
    json_ld: str | None = None  # a path of keys in the JSON-LD of a page
    meta: str | None = None
    element: str | None = None  # a CSS selector
    after: str | None = None  # a field, "residue.NAME" or "pattern:…"
    before: str | None = None
    within_lines: int | None = None
    group: str = "value"  # of `pattern`: the one that is the value
    attribute: str | None = None  # of `element`: the one that is the value, not its text
    format: str = "any"
    kind: str | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Two places that must agree. `left` and `right` are places; a record field is the place `from`."""

    name: str
    rule: str
    left: Place
    right: Place
    relation: str
    tolerance_seconds: int = 0
    severity: Severity | None = None
    describes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """HTML elements: each tuple of globs that is not empty must fit."""

    tag: tuple[str, ...] = ()
    id: tuple[str, ...] = ()
    class_: tuple[str, ...] = ()
    href: tuple[str, ...] = ()
    src: tuple[str, ...] = ()

    def fits(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Whether an element with these attributes is meant."""
        if self.tag and tag not in self.tag:
            return False
        from fnmatch import fnmatchcase

        for name, globs in (("id", self.id), ("href", self.href), ("src", self.src)):
            if globs and not any(fnmatchcase(attributes.get(name, ""), glob) for glob in globs):
                return False
        classes = attributes.get("class", "").split()
        return not self.class_ or any(fnmatchcase(word, glob) for word in classes for glob in self.class_)

    def literals(self) -> tuple[str, ...]:
        """For the most telling attribute, a literal of each glob: where none stands in a text, no element of it fits.

        `&` is none: it may be written as a character reference. An empty one stands in every text.
        """
        _, globs = self._telling()
        return tuple(max(re.split("[*?&]", glob.partition("[")[0]), key=len) for glob in globs) or ("",)

    def attribute(self) -> str:
        """The name of the attribute in which `literals` stand, '' where the tag's name alone tells."""
        return self._telling()[0]

    def _telling(self) -> tuple[str, tuple[str, ...]]:
        choices = (("id", self.id), ("href", self.href), ("src", self.src), ("class", self.class_))
        return next(((name, globs) for name, globs in choices if globs), ("", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Residue:
    """One kind of residue that pages of the source leave."""

    name: str
    rule: str
    pattern: str | None = None
    from_pattern: str | None = None
    before: str | None = None  # a field or "pattern:…"
    to_end: bool = False
    element: Selector | None = None
    only_if_no_text: bool = False
    means: str = ""
    lifts: str | None = None
    at_most: float = 1.0
    leaves_at_least: int = 0
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """What a source says of one rule. `severity` "off" silences it."""

    severity: Severity | str | None = None
    applicability: Applicability | None = None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identify:
    """How a seed of the source is known."""

    paths: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    text: tuple[tuple[str, int], ...] = ()
    keys: tuple[str, ...] = ()
    keys_score: int = 0
    at_least: int = PLACE_SCORE
    certain_from: int = PLACE_SCORE
    generic: bool = False  # gives way to every source that is not, and is no rival of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source schema, its ancestors merged in. Plain facts; picklable. `ancestors` are nearest first."""

    id: str
    title: str
    file: str
    ancestors: tuple[str, ...] = ()
    identify: Identify | None = None
    policy: Policy = Policy()
    translated_from: str | None = None
    time_zone: str | None = None
    date_order: str | None = None
    publishers: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    front_matter: str | None = None  # JSON text, so that the value can be hashed and shared
    places: dict[str, tuple[Place, ...]] = field(default_factory=dict)
    required: dict[str, Severity] = field(default_factory=dict)
    agreements: tuple[Agreement, ...] = ()
    residues: tuple[Residue, ...] = ()
    rules: dict[str, RuleSetting] = field(default_factory=dict)
    examples: tuple[dict[str, Any], ...] = ()


Sources = Mapping[str, Source]


# --- identifying ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """What one source scored on one seed, and why."""

    source: str
    score: int
    at_least: int
    certain_from: int
    evidence: tuple[str, ...]
    container_fits: bool = True


@dataclass(frozen=True, slots=True)
class Claim:
    """A source that somebody names: who (`by`), and which."""

    source: str
    by: str


@dataclass(frozen=True, slots=True)
class Match:
    """Which source a seed is of. `rivals` are others that fit as well; `problem` says why a match is not certain."""

    source: str | None
    certain: bool
    evidence: tuple[str, ...]
    scores: tuple[Score, ...] = ()
    rivals: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Traits:
    """What identification looks at: the seed's path, its text for patterns, its own address, its front-matter keys.

    `keyed` are addresses with the key that states them; whether one is the seed's own depends on the source. `languages` are
    those that the seed itself names. Its text begins at `content`; where there is none, as in a page that was not captured,
    its `title` shows the script.
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


@lru_cache(maxsize=1024)
def _nothing(source: str, at_least: int, certain_from: int, container_fits: bool) -> Score:
    return Score(source, 0, at_least, certain_from, (), container_fits)


def _is_at(url: str, host: str) -> bool:
    """Whether an address has this host. Taking it apart is slow; where its text does not hold the host, it is not that."""
    return host in "".join(url.lower().split()) and host_of(url) == host


# A page's own address has these keys too, but so has the page that a post only talks about.
_LINKING = frozenset({"link", "source"})


def _addresses(source: Source, traits: Traits) -> tuple[list[str], list[str]]:
    """The addresses that are a seed's own if it is of this source, and those that may be of a page it only links to.

    Own is what a key states from which the source reads `source_url`. A source that reads it from no key takes any of them.
    """
    read = {place.front_matter for place in source.places.get("source_url", ()) if place.front_matter is not None}
    own = list(traits.urls)
    linked: list[str] = []
    for key, url in traits.keyed:
        if not read or key in read:
            is_linked = key in _LINKING and not (read and read <= _LINKING)
            (linked if is_linked else own).append(url)
    return own, linked


def _is_at_one(urls: list[str], hosts: tuple[str, ...]) -> bool:
    return any(_is_at(url, host) for host in hosts for url in urls)


def score(source: Source, traits: Traits) -> Score | None:
    """What a source scores; None for one that is only ever named."""
    identify = source.identify
    if identify is None:
        return None
    points, evidence = 0, []
    if traits.path is not None:
        for glob in identify.paths:
            if glob_pattern(glob).match(traits.path):
                points += PLACE_SCORE
                evidence.append(f"path fits {glob} (+{PLACE_SCORE})")
                break
    urls = [url for each in _addresses(source, traits) for url in each] if identify.hosts else []
    for host in identify.hosts:
        if any([_is_at(url, host) for url in urls]):  # noqa: C419 - there is hardly more than one
            points += PLACE_SCORE
            evidence.append(f"address at {host} (+{PLACE_SCORE})")
            break
    container_fits = (source.policy.container == "front-matter") == traits.has_fence
    if container_fits:
        for pattern, value in identify.text:
            if traits.subject.search(pattern):
                points += value
                evidence.append(f"text fits {pattern} (+{value})")
        if identify.keys and traits.keys.issuperset(identify.keys):
            points += identify.keys_score
            evidence.append(f"front matter has {', '.join(identify.keys)} (+{identify.keys_score})")
    elif points:
        evidence.append(
            "but the seed has no front matter"
            if source.policy.container == "front-matter"
            else "but the seed has front matter"
        )
    if not evidence:
        return _nothing(source.id, identify.at_least, identify.certain_from, container_fits)
    return Score(source.id, points, identify.at_least, identify.certain_from, tuple(evidence), container_fits)


def host_of(url: str) -> str:
    """The host of an address in lower case, '' if it has none."""
    from urllib.parse import urlsplit

    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


_PLAIN_ADDRESS = re.compile(r"https?://([a-z0-9.-]+)(?=[/?#]|\Z)", re.ASCII)
_MATCHES_KEPT = 1024


class _Known:
    """What identification found out of seeds before, by all that it depends on: thousands of an archive have that in common.

    `globs` are those of each source's paths; whether they fit hangs on the folder alone where each ends in `/**`.
    """

    __slots__ = ("by_folder", "globs", "matches", "places", "sources", "texts")

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        known = [source for source in sources.values() if source.identify is not None]
        self.globs = [
            source.identify.paths for source in known if source.identify is not None and source.identify.paths
        ]
        self.by_folder = all(glob.endswith("/**") for globs in self.globs for glob in globs)
        self.texts = tuple(
            [
                pattern
                for source in known
                if source.identify is not None and (source.policy.container == "front-matter") == has_fence
                for pattern, _ in source.identify.text
            ]
            for has_fence in (False, True)
        )
        self.places: dict[str, tuple[int, ...]] = {}
        self.matches: dict[Any, Match] = {}

    def place(self, path: str | None) -> tuple[int, ...] | None:
        """Which glob of each source fits a path first, as far as that can be said of its folder; None without a path."""
        if path is None:
            return None
        folder, _, name = path.rpartition("/")
        if not self.by_folder or not name:
            return self._fitting(path)
        fitting = self.places.get(folder)
        if fitting is None:
            if len(self.places) >= _MATCHES_KEPT:
                self.places.clear()
            fitting = self.places[folder] = self._fitting(path)
        return fitting

    def _fitting(self, path: str) -> tuple[int, ...]:
        return tuple(
            next((number for number, glob in enumerate(globs) if glob_pattern(glob).match(path)), -1)
            for globs in self.globs
        )


_KNOWN: list[_Known] = []


def _known(sources: Sources) -> _Known:
    for known in _KNOWN:
        if known.sources is sources:
            return known
    known = _Known(sources)
    _KNOWN[:] = [known]
    return known


def identify(sources: Sources, traits: Traits, claim: Claim | None = None) -> Match:
    """What `identified` says, remembered for seeds that do not differ in what it depends on before their script is looked at."""
    known = _known(sources)
    hosts = []
    for key_of, url in (*[("", url) for url in traits.urls], *traits.keyed):
        plain = _PLAIN_ADDRESS.match(url)
        if plain is None:
            return identified(sources, traits, claim)
        hosts.append((key_of, plain[1]))
    fits = traits.subject.fits
    key = (
        known.place(traits.path), _is_note(traits.path), *hosts, traits.keys, traits.has_fence,
        claim and (claim.source, claim.by), *[fits(pattern) for pattern in known.texts[traits.has_fence]],
    )  # fmt: skip
    match = known.matches.get(key)
    if match is None:
        if len(known.matches) >= _MATCHES_KEPT:
            known.matches.clear()
        match = known.matches[key] = _matched(sources, traits, claim)
    return _in_its_language(sources, traits, match, claim)


def _doubt(sources: Sources, source: Source, traits: Traits, points: int) -> str:
    """Why a source with points enough is not certain all the same; '' where nothing speaks against it.

    A folder holds notes beside its seeds, and a post links to other people's pages: a place alone proves nothing.
    """
    identify = source.identify or Identify()
    own, linked = _addresses(source, traits)
    by_path = traits.path is not None and any(glob_pattern(glob).match(traits.path) for glob in identify.paths)
    by_address = _is_at_one(own, identify.hosts)
    if not (by_path or by_address or _is_at_one(linked, identify.hosts)):
        return ""
    if by_path and not by_address and _are_elsewhere(own, identify.hosts):
        return "the seed's address is at another site"
    if by_path and not by_address and _is_note(traits.path) and points - PLACE_SCORE < identify.certain_from:
        return "a file of that name is seldom a seed"
    if _has_fingerprint(source, traits) or (by_path and by_address):
        return ""
    chain = [source, *(sources[name] for name in source.ancestors if name in sources)]
    known = [each for each in chain if each.identify is not None and (each.identify.text or each.identify.keys)]
    if (by_path or by_address) and (not known or _has_fingerprint(known[0], traits)):
        return ""
    return f"only its {'path' if by_path else 'address'} says so, and nothing in its text"


_NOTE = re.compile(
    r"(?:read[ _-]?me|notes?|licen[cs]e|copying|contributing|changelog|changes|todo|credits)(?:\.[^/]*)?", re.IGNORECASE
)


def _is_note(path: str | None) -> bool:
    """Whether a file has a name that notes beside seeds have: its folder then says nothing of it."""
    return path is not None and _NOTE.fullmatch(path.rpartition("/")[2]) is not None


def _has_fingerprint(source: Source, traits: Traits) -> bool:
    """Whether the text or the front matter has one sign at least of this source."""
    identify = source.identify
    if identify is None or (source.policy.container == "front-matter") != traits.has_fence:
        return False
    if identify.keys and traits.keys.issuperset(identify.keys):
        return True
    return any(traits.subject.fits(pattern) for pattern, _ in identify.text)


def _are_elsewhere(urls: list[str], hosts: tuple[str, ...]) -> bool:
    """Whether addresses are stated, and all at other sites: `www.a.example` and `news.a.example` are one site."""
    sites = [host if host.count(".") < 2 else host.partition(".")[2] for host in hosts]
    stated = [host for url in urls if (host := host_of(url))]
    return bool(sites and stated) and not any(
        host == site or host.endswith(f".{site}") for host in stated for site in sites
    )


# --- the script of a text ---------------------------------------------------------------------------------------------

_SAMPLE = 2000  # characters that tell the script
_TAG = re.compile(r"<[^<>]*>|https?://\S+|&#?\w+;")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_EAST_ASIAN = {
    "han": re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+"),
    "kana": re.compile(r"[\u3041-\u30ff]+"),
    "hangul": re.compile(r"[\uac00-\ud7a3]+"),
}
_SCRIPTS_OF = {"zh": ("han",), "ja": ("han", "kana"), "ko": ("han", "hangul")}


def script_of(text: str, start: int = 0) -> str:
    """The script that most of a text is in from `start` on: `latin`, `han`, `kana`, `hangul`, `other`; '' without letters.

    Tags and addresses do not count. A Chinese character counts as much as a word of Latin letters.
    """
    sample = text[start : start + _SAMPLE]
    if "<" in sample or "://" in sample:
        sample = _TAG.sub(" ", sample)
    words = len(_LATIN_WORD.findall(sample))
    if sample.isascii():
        return "latin" if words else ""
    counts = {name: sum(map(len, each.findall(sample))) for name, each in _EAST_ASIAN.items()}
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


def _script_fits(policy: Policy, script: str) -> bool:
    if policy.script == "latin":
        return script == "latin"
    language = (policy.language or "").partition("-")[0]
    return script in _SCRIPTS_OF.get(language, ("han", "kana", "hangul"))


def _in_its_language(sources: Sources, traits: Traits, match: Match, claim: Claim | None) -> Match:
    """The match, not certain where the seed is in another script or says that it is in another language than the source."""
    if claim is not None or not match.certain or match.source is None:
        return match
    policy, problem = sources[match.source].policy, ""
    if policy.script != "auto":
        script = script_of(traits.subject.text, traits.content) or script_of(traits.title)
        if script and not _script_fits(policy, script):
            problem = "the text is not in that source's script"
    if policy.language and traits.languages and not problem:
        from validator.text.languages import primary

        if primary(policy.language) not in [primary(language) for language in traits.languages]:
            problem = "the seed names another language than that source's"
    return replace(match, certain=False, problem=problem) if problem else match


def _is_generic(sources: Sources, result: Score) -> bool:
    identify = sources[result.source].identify
    return identify is not None and identify.generic


def identified(sources: Sources, traits: Traits, claim: Claim | None = None) -> Match:
    """Which source the seed is of.

    A claim (`--source`, a glob of the configuration, the sidecar) settles it. Else the highest score among those that reach
    their `at_least` wins, a source before its ancestors. It is certain from `certain_from` on, where the container fits, the
    text bears it out (`_doubt`), no unrelated source is as sure of itself, and script and language are the source's.
    """
    return _in_its_language(sources, traits, _matched(sources, traits, claim), claim)


def _matched(sources: Sources, traits: Traits, claim: Claim | None) -> Match:
    """What `identified` says before script and language are looked at."""
    scores = tuple(
        sorted(
            (result for source in sources.values() if (result := score(source, traits)) is not None),
            key=lambda result: (-result.score, result.source),
        )
    )
    if claim is not None:
        return Match(claim.source, True, (f"named by {claim.by}",), scores)
    fitting = [result for result in scores if result.score >= result.at_least]
    if not all(_is_generic(sources, result) for result in fitting):
        fitting = [result for result in fitting if not _is_generic(sources, result)]
    # A child that fits beats its ancestors, and an ancestor is never its child's rival.
    covered = {ancestor for result in fitting for ancestor in sources[result.source].ancestors}
    fitting = [result for result in fitting if result.source not in covered]
    if not fitting:
        near = next((result for result in scores if result.score), None)
        problem = f"nearest is {near.source} with {near.score} of {near.at_least}" if near else "nothing fits"
        return Match(None, False, (), scores, problem=problem)
    fitting.sort(key=lambda result: (not result.container_fits, -result.score, result.source))
    best, others = fitting[0], fitting[1:]
    equal = tuple(
        other.source for other in others if other.score == best.score and other.container_fits == best.container_fits
    )
    if equal:
        return Match(
            best.source, False, best.evidence, scores, equal,
            f"{' and '.join((best.source, *equal))} score {best.score} each",
        )  # fmt: skip
    rivals = tuple(other.source for other in others if other.score >= other.certain_from and other.container_fits)
    problem = ""
    if not best.container_fits:
        problem = "its container is not that source's"
    elif best.score < best.certain_from:
        problem = f"{best.score} points, certain from {best.certain_from} on"
    elif doubt := _doubt(sources, sources[best.source], traits, best.score):
        problem = doubt
    elif rivals:
        problem = f"{' and '.join(rivals)} would fit as well"
    return Match(best.source, not problem, best.evidence, scores, (), problem)
