"""What a change of configuration, schema or baseline loosens: what is said of it, and that all it governs is checked anew."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from gates import BAD, GOOD, PLAIN, Archive, curator, needs_checkout, new_archive
from running import table

from validator.archive.config import read_config
from validator.archive.face import load_sources
from validator.reports.loosening import Standard, loosened
from validator.rules import RULES

# Configurations: before, after, and what of each sentence must be there, in order. None means that nothing is said.
CONFIGURATIONS: list[tuple[str, str, list[str]]] = table("loosening", "configurations")


def settings(text: str) -> Standard:
    families = {rule.family for rule in RULES.values()}
    return Standard("validator.toml", read_config(text, "validator.toml", known_rules=RULES, families=families))


@pytest.mark.parametrize(("before", "after", "said"), CONFIGURATIONS)
def test_of_a_configuration(before: str, after: str, said: list[str]) -> None:
    sentences = loosened(settings(before), settings(after))
    assert len(sentences) == (1 if said else 0), sentences
    for sentence in sentences:
        assert sentence.startswith("validator.toml: ")
        assert all(part in sentence for part in said), sentence


GAZETTE = """
id: gazette
title: The Gazette
extends: plain-text
identify: {paths: ["**/gazette/**"]}
front_matter:
  type: object
  required: [title, date]
  additionalProperties: false
  properties: {title: {type: string, minLength: 3}, date: {type: string}, kind: {enum: [news, letter]}}
record:
  headline: [{front_matter: title}]
  required: {headline: error, byline: warning}
residue:
  - {name: menu, rule: page-furniture, pattern: "^MENU$"}
rules: {final-newline: error, trailing-whitespace: {severity: error, applicability: display}}
"""
# Changes of a schema: what is replaced by what, and what the one sentence must have; nothing where it asks for more.
SCHEMAS: list[tuple[str, str, str]] = table("loosening", "schemas")


def schema(folder: Path, text: str) -> Standard:
    folder.mkdir()
    (folder / "gazette.yaml").write_text(text, "utf-8")
    return Standard(sources=load_sources([folder], folder.parent))


@pytest.mark.parametrize(("old", "new", "said"), SCHEMAS)
def test_of_a_schema(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GAZETTE
    sentences = loosened(schema(tmp_path / "a", GAZETTE), schema(tmp_path / "b", GAZETTE.replace(old, new, 1)))
    assert len(sentences) == (1 if said else 0), sentences
    for sentence in sentences:
        assert sentence.startswith("b/gazette.yaml: ")
        assert said in sentence


def test_of_a_schema_that_comes_or_goes(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    none, there = Standard(sources=load_sources([])), schema(tmp_path / "a", GAZETTE)
    assert loosened(there, none) == ["a/gazette.yaml: the source gazette is gone"]
    (said,) = loosened(none, there)
    assert "the source gazette is new" in said


# --- in git -----------------------------------------------------------------------------------------------------------

SCHEMA = """\
id: gazette
title: The Gazette
extends: plain-text
identify: {paths: ["**/news/**"]}
rules: {final-newline: error}
"""


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive that is committed: two seeds, one with a finding that the baseline sets aside."""
    archive = new_archive(tmp_path / "archive", curator(tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache")))
    archive.write("validator.toml", 'schemas = ["own"]\nbaseline = "known.jsonl"\n')
    archive.write("own/gazette.yaml", SCHEMA)
    archive.write("own/herald.yaml", SCHEMA.replace("gazette", "herald").replace("news", "herald"))
    archive.write("news/old.txt", BAD)
    archive.write("news/good.txt", GOOD)
    archive.validator("baseline", "create", "--quiet")
    archive.git("add", "--all")
    archive.git("commit", "--quiet", "--message", "so far")
    return archive


CONFIG = 'schemas = ["own"]\nbaseline = "known.jsonl"\n'
# What is committed: files with their content (None: taken away); the exit code of the check; what must be said, and not.
COMMITS: list[tuple[str, dict[str, str | None], int, list[str], list[str]]] = [
    ("a weaker fail-on", {"validator.toml": CONFIG + 'fail-on = "never"\n'}, 0, ["loosens", 'to "never"'], []),
    ("a stricter one", {"validator.toml": CONFIG + 'fail-on = "info"\n'}, 0, ["2 seeds"], ["loosens"]),
    ("a comment", {"validator.toml": CONFIG + "# only that\n"}, 0, [], ["loosens", "2 seeds"]),
    ("no configuration", {"validator.toml": None}, 1, ["the source gazette is gone"], []),
    ("a broken one", {"validator.toml": CONFIG + "fail-onn = 1\n"}, 2, ['unknown key "fail-onn"'], ["loosens"]),
    ("one that is no TOML", {"validator.toml": CONFIG + "[[\n"}, 2, ["not TOML"], []),
    ("a lower severity", {"own/gazette.yaml": SCHEMA.replace("error}", "off}")}, 0, ["severity of final-newline"], []),
    ("a broken schema", {"own/gazette.yaml": SCHEMA + "extends: nothing\n"}, 2, ["own/gazette.yaml"], ["loosens"]),
    ("no schema", {"own/gazette.yaml": None}, 1, ["the source gazette is gone"], []),
    ("a schema that only asks for more", {"own/gazette.yaml": SCHEMA.replace("{final", "{blank-lines: error, final")}, 0,
     ["2 seeds"], ["loosens"]),
    ("a broken baseline", {"known.jsonl": "nothing\n"}, 2, ["known.jsonl:1"], []),
    ("no baseline", {"known.jsonl": None}, 2, ["known.jsonl"], []),
    ("a seed", {"news/new.txt": GOOD}, 0, ["1 seed"], ["loosens"]),
    ("nothing of ours", {"Makefile": "all:\n"}, 0, [], ["loosens", "1 seed"]),
]  # fmt: skip


def change(archive: Archive, files: dict[str, str | None]) -> None:
    for name, content in files.items():
        if content is None:
            (archive.folder / name).unlink()
        else:
            archive.write(name, content)
    archive.git("add", "--all")


HOOKS = yaml.safe_dump({"repos": [{"repo": "local", "hooks": [{"id": "validate-seeds"}]}]})


@needs_checkout
@pytest.mark.parametrize("how", ["--staged", "--since HEAD", "--hook"])
@pytest.mark.parametrize(
    ("files", "code", "said", "unsaid"), [each[1:] for each in COMMITS], ids=[each[0] for each in COMMITS]
)
def test_a_commit(
    archive: Archive, how: str, files: dict[str, str | None], code: int, said: list[str], unsaid: list[str]
) -> None:
    archive.write(".pre-commit-config.yaml", HOOKS)
    archive.git("add", ".pre-commit-config.yaml")
    archive.git("commit", "--quiet", "--message", "the hook")
    change(archive, files)
    names = [name for name, content in files.items() if name.endswith(".txt") and content is not None]
    options = [*how.split(), *(names if how == "--hook" else []), *(["--format", "concise"] if how != "--hook" else [])]
    printed = archive.validator("validate", *options, code=code)
    assert all(part in printed for part in said), printed
    assert not any(part in printed for part in unsaid), printed


@needs_checkout
def test_more_in_the_baseline_is_said(archive: Archive) -> None:
    archive.write("news/new.txt", BAD * 2 + GOOD)
    archive.validator("baseline", "create", "--quiet", "--overwrite", ".", code=None)
    archive.validator("baseline", "update", "--quiet", ".", code=None)
    archive.git("add", "--all")
    printed = archive.validator("validate", "--staged")
    assert "known.jsonl: " in printed
    assert "set aside: news/new.txt: replacement-character" in printed
    archive.git("commit", "--quiet", "--message", "more")
    archive.git("mv", "news/new.txt", "news/renamed.txt")
    archive.validator("baseline", "update", "--quiet", ".", code=None)
    archive.git("add", "--all")
    assert "set aside" not in archive.validator("validate", "--staged", code=None)


@needs_checkout
def test_the_branch_is_compared_with_where_it_began(archive: Archive) -> None:
    archive.git("switch", "--quiet", "--create", "branch")
    change(archive, {"validator.toml": CONFIG + 'exclude = ["news/"]\n'})
    archive.git("commit", "--quiet", "--message", "less")
    archive.git("switch", "--quiet", "main")
    change(archive, {"validator.toml": CONFIG + 'fail-on = "info"\n'})
    archive.git("commit", "--quiet", "--message", "more")
    archive.git("switch", "--quiet", "branch")
    printed = archive.validator("validate", "--since", "main")
    assert 'validator.toml: exclude: from [] to ["news/"]' in printed
    assert "fail-on" not in printed


@needs_checkout
def test_in_ci_of_github_it_is_an_annotation(archive: Archive) -> None:
    change(archive, {"validator.toml": CONFIG + 'fail-on = "never"\n'})
    archive.environment["GITHUB_ACTIONS"] = "true"
    printed = archive.validator("validate", "--since", "HEAD", "--format", "github")
    assert (
        "::warning title=Validate seeds::what has changed since HEAD loosens what is checked: validator.toml: fail-on"
        in printed
    )


@needs_checkout
def test_what_a_looser_configuration_governs_is_checked_anew(archive: Archive) -> None:
    """Another source for all seeds: also for those that the commit does not touch."""
    change(archive, {"validator.toml": PLAIN, "news/good.txt": GOOD.rstrip("\n")})
    for how in ("--staged", "--hook"):
        archive.write(".pre-commit-config.yaml", HOOKS)
        printed = archive.validator("validate", how, *(["news/good.txt"] if how == "--hook" else []), code=1)
        assert "news/old.txt" in printed
        assert "the source gazette is gone" in printed


@needs_checkout
def test_a_hook_that_names_no_files_judges_what_is_staged(archive: Archive) -> None:
    """`pass_filenames: false` must not let everything pass; the hook's own `files` and `exclude` hold."""
    hook = {"id": "validate-seeds", "pass_filenames": False, "exclude": "^drafts/"}
    archive.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": [{"repo": "local", "hooks": [hook]}]}))
    change(archive, {"drafts/a.txt": BAD})
    archive.validator("validate", "--hook")
    change(archive, {"news/new.txt": BAD, "UPPER.TXT": GOOD + BAD})
    printed = archive.validator("validate", "--hook", code=1)
    assert "news/new.txt:1:11: error" in printed
    assert "UPPER.TXT:2:11: error" in printed
    assert "drafts" not in printed
    (archive.folder / ".pre-commit-config.yaml").unlink()
    assert "name the files" in archive.validator("validate", "--hook", code=2)
