"""Which source a seed is from, with points, evidence and doubts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from validator.sources.model import PLACE_SCORE, Identify, Policy, Source, Sources
from validator.text.globs import glob_pattern
from validator.text.patterns import Subject


@dataclass(frozen=True, slots=True)
class Score:
    """The points of one source for one seed, and why."""

    source: str
    score: int
    at_least: int
    certain_from: int
    evidence: tuple[str, ...]
    container_fits: bool = True


@dataclass(frozen=True, slots=True)
class Claim:
    """A source that somebody names, and who (`by`)."""

    source: str
    by: str


@dataclass(frozen=True, slots=True)
class Match:
    """Which source a seed is from. `rivals` are others that fit as well; `problem` says why a match is not certain."""

    source: str | None
    certain: bool
    evidence: tuple[str, ...]
    scores: tuple[Score, ...] = ()
    rivals: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Traits:
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


def host_of(url: str) -> str:
    """The host of an address in lower case, '' if it has none."""
    from urllib.parse import urlsplit

    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


# A page's own address has these keys too, but so has the page that a post only talks about.
_LINKING = frozenset({"link", "source"})


def _hosts(source: Source, traits: Traits) -> tuple[list[str], list[str]]:
    """The hosts of the seed's own addresses if it is from this source, and of addresses that it may only link to.

    Own are the addresses at keys from which the source reads `source_url`. A source that names no such key takes any.
    """
    read = {place.front_matter for place in source.places.get("source_url", ()) if place.front_matter is not None}
    own = [host_of(url) for url in traits.urls]
    linked: list[str] = []
    for key, url in traits.keyed:
        if not read or key in read:
            is_linked = key in _LINKING and not (read and read <= _LINKING)
            (linked if is_linked else own).append(host_of(url))
    return own, linked


def _path_glob(identify: Identify, path: str | None) -> str | None:
    """The first glob that fits the path."""
    return next((glob for glob in identify.paths if path is not None and glob_pattern(glob).match(path)), None)


def _container_fits(source: Source, traits: Traits) -> bool:
    return (source.policy.container == "front-matter") == traits.has_fence


def score(source: Source, traits: Traits) -> Score | None:
    """What a source scores; `None` if it cannot be identified, only named."""
    identify = source.identify
    if identify is None:
        return None
    points, evidence = 0, []
    glob = _path_glob(identify, traits.path)
    if glob is not None:
        points += PLACE_SCORE
        evidence.append(f"path fits {glob} (+{PLACE_SCORE})")
    hosts = [host for each in _hosts(source, traits) for host in each] if identify.hosts else []
    host = next((host for host in identify.hosts if host in hosts), None)
    if host is not None:
        points += PLACE_SCORE
        evidence.append(f"address at {host} (+{PLACE_SCORE})")
    container_fits = _container_fits(source, traits)
    if container_fits:
        for pattern, value in identify.text:
            if traits.subject.search(pattern):
                points += value
                evidence.append(f"text fits {pattern} (+{value})")
        if identify.keys and traits.keys.issuperset(identify.keys):
            points += identify.keys_score
            evidence.append(f"front matter has {', '.join(identify.keys)} (+{identify.keys_score})")
    elif points:
        evidence.append(f"but the seed has {'' if traits.has_fence else 'no '}front matter")
    return Score(source.id, points, identify.at_least, identify.certain_from, tuple(evidence), container_fits)


def _doubt(sources: Sources, source: Source, traits: Traits, points: int) -> str:
    """Why a source with enough points is not certain all the same, '' if nothing speaks against it.

    A folder holds notes beside its seeds, and a post links to other people's pages: a place alone proves nothing.
    """
    identify = source.identify or Identify()
    own, linked = _hosts(source, traits)
    by_path = _path_glob(identify, traits.path) is not None
    by_address = any(host in own for host in identify.hosts)
    if not (by_path or by_address or any(host in linked for host in identify.hosts)):
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
    """Whether a file is named like notes beside seeds: its folder then proves nothing."""
    return path is not None and _NOTE.fullmatch(path.rpartition("/")[2]) is not None


def _has_fingerprint(source: Source, traits: Traits) -> bool:
    """Whether the text or the front matter has at least one fingerprint of this source."""
    identify = source.identify
    if identify is None or not _container_fits(source, traits):
        return False
    if identify.keys and traits.keys.issuperset(identify.keys):
        return True
    return any(traits.subject.fits(pattern) for pattern, _ in identify.text)


def _are_elsewhere(own: list[str], hosts: tuple[str, ...]) -> bool:
    """Whether the seed has addresses, all at other sites. `www.a.example` and `news.a.example` are one site."""
    sites = [host if host.count(".") < 2 else host.partition(".")[2] for host in hosts]
    stated = [host for host in own if host]
    return bool(sites and stated) and not any(
        host == site or host.endswith(f".{site}") for host in stated for site in sites
    )


# --- the script of a text ---------------------------------------------------------------------------------------------

_SAMPLE = 2000  # characters that show the script
_TAG = re.compile(r"<[^<>]*>|https?://\S+|&#?\w+;")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_EAST_ASIAN = {
    "han": re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+"),
    "kana": re.compile(r"[\u3041-\u30ff]+"),
    "hangul": re.compile(r"[\uac00-\ud7a3]+"),
}
_SCRIPTS_OF = {"zh": ("han",), "ja": ("han", "kana"), "ko": ("han", "hangul")}


def script_of(text: str, start: int = 0) -> str:
    """The script of most of a text from `start` on: `latin`, `han`, `kana`, `hangul` or `other`; '' without letters.

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


def _in_its_language(sources: Sources, traits: Traits, match: Match) -> Match:
    """The match, made uncertain if the seed's script, or the language that it names, is not the source's."""
    if not match.certain or match.source is None:
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


def identify(sources: Sources, traits: Traits, claim: Claim | None = None) -> Match:
    """Which source the seed is from.

    A claim (`--source`, a glob of the configuration, the sidecar) settles it. Otherwise the highest score wins among sources
    that reach their `at_least`, and a source goes before its ancestors. The match is certain if it reaches `certain_from`, the
    container fits, the text confirms it (`_doubt`), no unrelated source is as certain, and script and language are the source's.
    """
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
    return _in_its_language(sources, traits, _best(sources, traits, fitting, scores))


def _best(sources: Sources, traits: Traits, fitting: list[Score], scores: tuple[Score, ...]) -> Match:
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
        problem = _doubt(sources, sources[best.source], traits, best.score)
        if rivals and not problem:
            problem = f"{' and '.join(rivals)} would fit as well"
    return Match(best.source, not problem, best.evidence, scores, equal, problem)
