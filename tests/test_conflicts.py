"""Unsettled merge conflicts: found as git leaves them, and nothing else that looks like one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linearity import assert_linear

from validator.parsing.conflicts import conflict_markers

SIDES = "<<<<<<< HEAD\nThe harbour is closed.\n=======\nThe harbour is open.\n>>>>>>> north\n"
DIRTY = {  # what is found at which lines
    "a conflict": ("Text.\n" + SIDES + "Text.\n", [2]),
    "two": (SIDES + "Text.\n" + SIDES, [1, 7]),
    "one after the other": (SIDES + SIDES, [1, 6]),
    "at the end, without a line end": (SIDES[:-1], [1]),
    "CRLF": (SIDES.replace("\n", "\r\n"), [1]),
    "behind a byte-order mark": ("\ufeff" + SIDES, [1]),
    "diff3": ("<<<<<<< HEAD\nOne.\n||||||| 1a2b3c4\nOld.\n=======\nTwo.\n>>>>>>> north\n", [1]),
    "diff3 without a label": ("<<<<<<< HEAD\nOne.\n|||||||\nOld.\n=======\nTwo.\n>>>>>>> north\n", [1]),
    "zdiff3": ("Same.\n<<<<<<< HEAD\n||||||| 1a2b3c4\nOld.\n=======\nTwo.\n>>>>>>> north\nSame.\n", [2]),
    "one side is empty": ("<<<<<<< HEAD\n=======\nTwo.\n>>>>>>> north\n", [1]),
    "both sides are empty": ("<<<<<<<\n=======\n>>>>>>>\n", [1]),
    "no labels": ("<<<<<<<\nOne.\n=======\nTwo.\n>>>>>>>\n", [1]),
    "a stash": ("<<<<<<< Updated upstream\nOne.\n=======\nTwo.\n>>>>>>> Stashed changes\n", [1]),
    "a rebase": ("<<<<<<< HEAD\nOne.\n=======\nTwo.\n>>>>>>> 1a2b3c4 (One line more)\n", [1]),
    "names of files": ("<<<<<<< HEAD:a.md\nOne.\n=======\nTwo.\n>>>>>>> north:b.md\n", [1]),
    "in front matter": ("---\n<<<<<<< HEAD\ntitle: One\n=======\ntitle: Two\n>>>>>>> north\n---\nText.\n", [2]),
    "headings underlined on both sides": (
        "<<<<<<< HEAD\nOne\n=======\nText.\n=======\nTwo\n=======\n>>>>>>> north\n",
        [1],
    ),
    "spaces after the separator": ("<<<<<<< HEAD\nOne.\n=======  \nTwo.\n>>>>>>> north\n", [1]),
    "half of it taken away": ("<<<<<<< HEAD\nOne.\n=======\nTwo.\n", [1]),
    "the other half taken away": ("One.\n=======\nTwo.\n>>>>>>> 1a2b3c4 (One line more)\n", [2]),
    "half taken away below a heading": ("Harbour\n=======\n\nOne.\n=======\nTwo.\n>>>>>>> 1a2b3c4\n", [5]),
    "a fence on one side alone": ("<<<<<<< HEAD\n```\n=======\nTwo.\n>>>>>>> north\n" + SIDES + "```\n", [1, 6]),
    "a stash, half taken away": ("One.\n=======\nTwo.\n>>>>>>> Stashed changes\n", [2]),
    "below a code block": ("```\ncode\n```\n" + SIDES, [4]),
    "above a code block": (SIDES + "```\ncode\n```\n", [1]),
    "between code blocks": ("```\none\n```\n" + SIDES + "~~~\ntwo\n~~~\n", [4]),
    "a code block that never closes": ("```\n" + SIDES, [2]),
    "a code block on one side": ("<<<<<<< HEAD\n```\ncode\n```\n=======\nTwo.\n>>>>>>> north\n", [1]),
    "a code block that is different": ("<<<<<<< HEAD\n```sh\n=======\n```\n>>>>>>> north\ncode\n```\n", [1]),
    "an opening line twice": ("<<<<<<< HEAD\nOne.\n<<<<<<< HEAD\nOne.\n=======\nTwo.\n>>>>>>> north\n", [3]),
}
CLEAN = {
    "a text": "The harbour is closed.\n",
    "an underlined heading": "Harbour\n=======\n\nText.\n",
    "two underlined headings": "Harbour\n=======\n\nText.\n\nWeather\n=======\n\nText.\n",
    "a heading of reStructuredText": "=======\nHarbour\n=======\n\nText.\n",
    "a table of reStructuredText": "======= =======\nHarbour Open\n======= =======\n",
    "a quotation of mail": ">>>>>>> It is closed.\n>>>>>> It is open.\n",
    "a quotation below a heading": "Harbour\n=======\n\n>>>>>>> It is closed.\n",
    "an opening line alone": "<<<<<<< HEAD\nText.\n",
    "a closing line alone": "Text.\n>>>>>>> 1a2b3c4 (One line more)\n",
    "in the wrong order": ">>>>>>> north\n=======\n<<<<<<< HEAD\n",
    "no separator": "<<<<<<< HEAD\nText.\n>>>>>>> north\n",
    "a separator that goes on": "<<<<<<< HEAD\nOne.\n======= or so\nTwo.\n>>>>>>> north\n",
    "eight signs": SIDES.replace("<<<<<<<", "<<<<<<<<").replace("=======", "========").replace(">>>>>>>", ">>>>>>>>"),
    "six signs": SIDES.replace("<<<<<<<", "<<<<<<").replace("=======", "======").replace(">>>>>>>", ">>>>>>"),
    "no space after the signs": SIDES.replace("< HEAD", "<HEAD").replace("> north", ">north"),
    "indented": "".join("    " + line + "\n" for line in SIDES.splitlines()),
    "in a line": "He wrote <<<<<<< HEAD, then =======, then >>>>>>> north.\n",
    "quoted": "".join("> " + line + "\n" for line in SIDES.splitlines()),
    "in a code block": "An example:\n\n```\n" + SIDES + "```\n\nText.\n",
    "in a code block with a language": "```diff\n" + SIDES + "```\nText.\n",
    "in a code block of tildes": "~~~~ text\n" + SIDES + "~~~~\n",
    "in a code block that shows a fence": "```\n```sh\n" + SIDES + "```\n",
    "in a long code block": "```\n" + "code\n" * 99 + SIDES + SIDES + "```\n",
    "an arrow": "<<<<<<< back to the harbour\n\nWeather\n=======\n\nText.\n",
    "an arrow each way": "<<<<<<< back | on >>>>>>>\n\nWeather\n=======\n",
    "art": "<<<<<<<>>>>>>>\n=======\n>>>>>>><<<<<<<\n",
    "half in a code block": "```\n<<<<<<< HEAD\nOne.\n=======\nTwo.\n```\n",
}  # fmt: skip


@pytest.mark.parametrize("what", list(DIRTY))
def test_a_conflict_is_found_at_its_first_line(what: str) -> None:
    text, lines = DIRTY[what]
    found = conflict_markers(text)
    assert [text.count("\n", 0, span.start) + 1 for span in found] == lines
    for span in found:
        line = text[span.start : span.end]
        assert "\n" not in line
        assert "\r" not in line
        assert line.lstrip("\ufeff").startswith(("<<<<<<<", "======="))
        assert text[span.end : span.end + 1] in ("", "\n", "\r")


@pytest.mark.parametrize("what", list(CLEAN))
def test_no_conflict_is_found(what: str) -> None:
    for text in (CLEAN[what], CLEAN[what].replace("\n", "\r\n"), "Text.\n\n" + CLEAN[what]):
        assert conflict_markers(text) == []


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_what_git_writes_is_found(tmp_path: Path, style: str) -> None:
    def git(*arguments: str, code: int = 0) -> None:
        done = subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", f"merge.conflictStyle={style}", *arguments],
            cwd=tmp_path, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr

    seed = tmp_path / "a.md"

    def commit(text: str) -> None:
        seed.write_text(text)
        git("add", "a.md")
        git("commit", "-qm", "One")

    git("init", "-q", "-b", "main")
    commit("Above.\n\nHarbour\n=======\n\nIt is closed.\n\nBelow.\n")
    git("checkout", "-qb", "north/one")
    commit("Above.\n\nHarbour\n=======\n\nIt is open.\n\nBelow.\n")
    git("checkout", "-q", "main")
    commit("Above.\n\nHarbour\n=======\n\nIt is shut.\n\nBelow.\n")
    assert conflict_markers(seed.read_text()) == []
    git("merge", "north/one", code=1)
    text = seed.read_text()
    assert [text[span.start : span.end] for span in conflict_markers(text)] == ["<<<<<<< HEAD"]


@given(
    st.lists(st.sampled_from(["<<<<<<< HEAD", "||||||| a", "=======", ">>>>>>> 1a2b3c4", "```", "~~~", "Text.", ""]))
)
def test_spans_are_in_order_and_each_is_a_line(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = conflict_markers(text)
    assert found == sorted(set(found))
    assert all(text[span.start : span.end] in ("<<<<<<< HEAD", "=======") for span in found)
    assert len(found) <= text.count("=======")


@pytest.mark.parametrize(
    "line", ["<<<<<<< HEAD\n", "=======\n", ">>>>>>> a\n", "```\n<<<<<<< a\n", SIDES, "=" * 7 + " ", "< "]
)
def test_time_is_linear(line: str) -> None:
    assert_linear(lambda size: "<<<<<<< HEAD\n" + line * size, conflict_markers, size=2_000)
