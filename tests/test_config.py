"""Settings, globs and the errors that stop a run."""

from __future__ import annotations

import pickle
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linearity import assert_linear
from running import table

from validator.archive.config import (
    Override,
    PathSettings,
    Settings,
    read_config,
    settings_for,
)
from validator.text.errors import ConfigError, nearest
from validator.text.globs import excludes, glob_pattern, matches_any

RULES = ("quote-for-apostrophe", "mixed-quotes", "mojibake", "blank-lines")
FAMILIES = ("quotes", "encoding", "whitespace")
SOURCES = ("mod-gov-cn", "zaobao-jekyll")


def read(text: str) -> Settings:
    return read_config(text, "validator.toml", known_rules=RULES, families=FAMILIES, known_sources=SOURCES)


WHOLE = """
schemas = ["newsroom/schemas"]
include = ["*.txt"]
exclude = ["drafts/"]
select = ["encoding", "quotes"]
ignore = ["blank-lines"]
fail-on = "warning"
limit-bytes = 1000
jobs = 2
baseline = "known.jsonl"
strict-baseline = true

[sources]
"gov/**" = "mod-gov-cn"
"gov/papers/**" = "zaobao-jekyll"

[[overrides]]
paths = ["old/**"]
ignore = ["whitespace"]
fail-on = "never"
source = "zaobao-jekyll"

[[overrides]]
paths = ["*.md", "old/a.txt"]
select = ["mojibake"]
"""

SETTINGS = Settings(
    schemas=("newsroom/schemas",),
    include=("*.txt",),
    exclude=("drafts/",),
    select=("encoding", "quotes"),
    ignore=("blank-lines",),
    fail_on="warning",
    limit_bytes=1000,
    jobs=2,
    baseline="known.jsonl",
    strict_baseline=True,
    sources=(("gov/**", "mod-gov-cn"), ("gov/papers/**", "zaobao-jekyll")),
    overrides=(
        Override(("old/**",), ignore=("whitespace",), fail_on="never", source="zaobao-jekyll"),
        Override(("*.md", "old/a.txt"), select=("mojibake",)),
    ),
)


def test_every_setting_is_read() -> None:
    assert read(WHOLE) == SETTINGS
    inside = re.sub(r"^(\[+)", r"\1tool.validator.", WHOLE, flags=re.MULTILINE)
    text = f'[project]\nname = "x"\n\n[tool.validator]{inside}'
    assert read_config(text, "pyproject.toml", known_rules=RULES, families=FAMILIES) == SETTINGS


@pytest.mark.parametrize("text", ["", "[tool]", "[tool.other]\nselekt = 1", "[project]\nname = 'x'"])
def test_a_pyproject_that_says_nothing_of_this_program_gives_the_defaults(text: str) -> None:
    assert read_config(text, "pyproject.toml") == Settings()


def test_the_defaults() -> None:
    settings = read("")
    assert settings == Settings()
    assert settings.include == ("*.txt", "*.md", "*.markdown", "*.html", "*.htm")
    assert (settings.fail_on, settings.limit_bytes, settings.jobs) == ("error", 16 * 1024 * 1024, None)
    assert (settings.baseline, settings.strict_baseline) == (None, False)


WRONG: dict[str, Any] = table("config", "wrong")


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_with_its_line_and_the_nearest_name(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert str(caught.value) == WRONG[text]


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^validator\.toml:1: "):
        read("x = " + "[" * 100_000)


@given(st.text(alphabet="ab=\"[]{}#.,\n\\' 1", max_size=60))
def test_any_text_gives_settings_or_a_config_error(text: str) -> None:
    line: int | None = 1
    try:
        read(text)
    except ConfigError as error:
        line = error.line
    assert line is not None
    assert 1 <= line <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("new/a.txt", PathSettings(("encoding", "quotes"), ("blank-lines",), "warning", None)),
        ("gov/a.txt", PathSettings(("encoding", "quotes"), ("blank-lines",), "warning", "mod-gov-cn")),
        ("gov/papers/a.txt", PathSettings(("encoding", "quotes"), ("blank-lines",), "warning", "zaobao-jekyll")),
        ("old/b.txt", PathSettings(("encoding", "quotes"), ("blank-lines", "whitespace"), "never", "zaobao-jekyll")),
        ("old/a.txt", PathSettings(("mojibake",), ("blank-lines", "whitespace"), "never", "zaobao-jekyll")),
        ("deep/down/x.md", PathSettings(("mojibake",), ("blank-lines",), "warning", None)),
    ],
)
def test_what_holds_for_a_path(path: str, expected: PathSettings) -> None:
    assert settings_for(SETTINGS, path) == expected


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ConfigError("a message"), "a message"),
        (ConfigError("a message", suggestion="this"), 'a message (did you mean "this"?)'),
        (ConfigError("a message", "a.yaml"), "a.yaml: a message"),
        (ConfigError("a message", "a.yaml", 3, "this"), 'a.yaml:3: a message (did you mean "this"?)'),
    ],
)
def test_a_config_error_says_where_and_survives_pickling(error: ConfigError, text: str) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert str(error) == str(copy) == text
    assert (copy.message, copy.file, copy.line, copy.suggestion) == (
        error.message,
        error.file,
        error.line,
        error.suggestion,
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("headlin", "headline"),
        ("Byline", "byline"),
        ("date_published", "date-published"),
        ("zebra", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_the_nearest_name(name: str, expected: str | None) -> None:
    assert nearest(name, ("byline", "headline", "date-published")) == expected


MATCHES: list[Any] = table("config", "matches")
MISSES: list[Any] = table("config", "misses")


@pytest.mark.parametrize(("glob", "name"), MATCHES)
def test_globs_that_match(glob: str, name: str) -> None:
    assert glob_pattern(glob).match(name)


@pytest.mark.parametrize(("glob", "name"), MISSES)
def test_globs_that_do_not_match(glob: str, name: str) -> None:
    assert not glob_pattern(glob).match(name)


@given(st.text(alphabet="ab*?", min_size=1, max_size=8), st.text(alphabet="ab", min_size=1, max_size=10))
def test_within_one_name_globs_are_those_of_the_shell(glob: str, name: str) -> None:
    glob = re.sub(r"\*+", "*", glob)
    assert bool(glob_pattern("/" + glob).match(name)) == fnmatchcase(name, glob)


def slowly(parts: list[str], names: list[str]) -> bool:
    """The meaning of a glob, written down without any thought of speed."""
    if not parts:
        return not names
    if parts[0] == "**":
        if len(parts) == 1:
            return bool(names)
        return any(slowly(parts[1:], names[at:]) for at in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], parts[0]) and slowly(parts[1:], names[1:])


@given(
    st.lists(st.sampled_from(["**", "a", "*b", "a*", "*", "b"]), min_size=1, max_size=6),
    st.lists(st.sampled_from(["a", "b", "ab", "ba"]), min_size=1, max_size=6),
)
def test_across_folders_globs_mean_what_they_say(parts: list[str], names: list[str]) -> None:
    assert bool(glob_pattern("/" + "/".join(parts)).match("/".join(names))) == slowly(parts, names)


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_glob_is_refused(glob: str, name: str) -> None:
    glob_pattern(glob).match(name)


@pytest.mark.parametrize(
    ("glob", "name"),
    [
        ("**/*a*a*a*a*b", "a"),
        ("*a*a*a*a*a*a*[!a]", "a"),
        ("**/*a*/**/*a*/**/*a*/**/b", "a/"),
        ("**/a/**/a/**/a/**/a/b", "a/"),
        ("**/a/a/a/a/*b", "a/"),
        ("**/*?*?*?*?*?/b", "ab/"),
    ],
)
def test_globs_take_linear_time(glob: str, name: str) -> None:
    assert_linear(lambda size: name * size, lambda text: glob_pattern(glob).match(text), size=10_000)


def test_what_is_excluded_takes_its_contents_along() -> None:
    assert excludes(["drafts"], "a/drafts/b/c.txt")
    assert excludes(["/a/b"], "a/b/c.txt")
    assert excludes(["*.txt"], "a/b.txt")
    assert not excludes(["b"], "a/bc/d.txt")
    assert not excludes([], "a")
    assert matches_any(["*.md", "*.txt"], "a.txt")
    assert not matches_any(["*.md", "*.html"], "a.txt")
