"""What holds for every rule: its documentation, its name, its spans, its pace. A new rule needs no line here."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from harness import (
    apply_fixes,
    cases,
    check_case,
    examples,
    policy_of,
    rules,
    run_alone,
    run_case,
    runs_alone,
    view_of,
)
from hypothesis import given
from hypothesis import strategies as st

from validator.rules.quotation_marks import quotations_of
from validator.rules.registry import Rule
from validator.sources.model import Policy
from validator.text.findings import APPLICABILITY_RANK, Applicability

EVERY_RULE = pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in rules()])
ALONE = [rule for rule in rules() if runs_alone(rule)]

POLICIES = st.builds(
    Policy,
    markup=st.sampled_from(["text", "markdown", "html"]),
    language=st.sampled_from([None, "en", "fr", "zh-Hans", "ru"]),
    script=st.sampled_from(["auto", "latin", "cjk"]),
    legacy=st.sampled_from([(), ("gb18030",), ("windows-1252", "koi8-r")]),
)
# What the rules are about comes up often, next to what any text holds.
CHARACTERS = st.one_of(
    st.sampled_from(
        list(
            "\r\n\t  \u00a0\u3000\u202f\u200b\u200d\ufe0f\ufeff\u00ad\ufffd\x00\x85\u0301\u1161e\u05d0\u202a\u202c'\"“”’"
        )
    ),
    st.sampled_from(list("ÃÂâ€™©ä¸­Ð¿锟斤拷鈥锛中文a.#0")),
    st.characters(),
)
TEXTS = st.text(CHARACTERS, max_size=60)


@EVERY_RULE
def test_documentation_tells_what_why_examples_limits_and_what_next(rule: Rule) -> None:
    assert re.fullmatch(r"[^\s].{10,}\.", rule.summary), rule.summary
    kinds = {kind for kind, _ in examples(rule)}
    assert kinds == {"Bad", "Good"}
    for part in ("Does not handle: ", "Next: "):
        assert re.search(f"^{part}", rule.document, re.MULTILINE), part


@EVERY_RULE
def test_examples_of_the_documentation_are_true(rule: Rule) -> None:
    for kind, case in examples(rule):
        text, outcomes = run_case(rule, case)
        said = [outcome.message for outcome in outcomes]
        assert bool(outcomes) == (kind == "Bad"), (
            f"the rule finds {said or 'nothing'} in this example ({kind}):\n{text!r}"
        )


@EVERY_RULE
def test_names_are_words_and_the_family_is_the_module(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    module = rule.check.__module__
    assert module.startswith("validator.rules.")
    assert rule.family == module.rpartition(".")[2].rstrip("_").replace("_", "-")
    assert rule.name != rule.family
    assert rule.name not in {other.family for other in rules()}


@EVERY_RULE
def test_fixes_stay_within_what_the_rule_declares(rule: Rule) -> None:
    for case in cases(rule.name)["dirty"]:
        text, outcomes = run_case(rule, case)
        for fix in (outcome.fix for outcome in outcomes if outcome.fix):
            declared = rule.applicability
            assert declared is not None, f"a fix is {fix.applicability}, and @rule has no applicability=…"
            assert APPLICABILITY_RANK[fix.applicability] >= APPLICABILITY_RANK[declared], (
                f"a fix is {fix.applicability}, and @rule allows {declared} at most"
            )
            assert fix.title
            assert fix.edits or fix.recode or fix.lift
            if fix.applicability is Applicability.SAFE:
                taken = {character for edit in fix.edits for character in text[edit.start : edit.end]}
                missing = sorted(taken - set(rule.replaces))
                assert not missing, f"a safe fix takes away {missing}: name these characters in replaces=… of @rule"


@EVERY_RULE
def test_messages_begin_in_lower_case_and_take_one_line(rule: Rule) -> None:
    for case in cases(rule.name)["dirty"]:
        for outcome in run_case(rule, case)[1]:
            message = outcome.message
            assert message
            assert not message[0].isupper() or message[:2] == "U+", f"begin in lower case: {message}"
            assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", message), f"one line, please: {message!r}"
            assert not message.endswith("."), f"without a full stop: {message}"


@given(TEXTS, POLICIES)
def test_spans_and_edits_lie_inside_the_text(text: str, policy: Policy) -> None:
    for rule in ALONE:
        view = view_of(rule, text, policy)
        for outcome in run_alone(rule, view):
            _assert_inside(rule, outcome, len(text))


@given(st.binary(max_size=120), POLICIES)
def test_spans_and_edits_lie_inside_the_text_of_any_bytes(data: bytes, policy: Policy) -> None:
    for rule in ALONE:
        view = view_of(rule, data, policy)
        of_text = view.decoded if rule.view == "Raw" else view.body if rule.view == "Quotations" else view
        text = of_text.text
        for outcome in run_alone(rule, view):
            _assert_inside(rule, outcome, len(text))


def _assert_inside(rule: Rule, outcome: Any, length: int) -> None:
    start, end = outcome.span
    assert 0 <= start <= end <= length, (rule.name, outcome)
    at = 0
    for edit in outcome.fix.edits if outcome.fix else ():
        assert at <= edit.start <= edit.end <= length, (rule.name, outcome)
        at = edit.end


@given(TEXTS, POLICIES)
def test_the_order_of_rules_does_not_matter(text: str, policy: Policy) -> None:
    views = {rule.name: view_of(rule, text, policy) for rule in ALONE}
    onward = {rule.name: run_alone(rule, views[rule.name]) for rule in ALONE}
    backward = {rule.name: run_alone(rule, views[rule.name]) for rule in reversed(ALONE)}
    assert onward == backward


@given(TEXTS, POLICIES)
def test_findings_of_a_rule_come_in_order_and_do_not_overlap(text: str, policy: Policy) -> None:
    for rule in ALONE:
        spans = [outcome.span for outcome in run_alone(rule, view_of(rule, text, policy))]
        assert all(one.end <= other.start for one, other in pairwise(spans)), (rule.name, spans)


@pytest.mark.parametrize(
    "name", ["line-endings", "final-newline", "trailing-whitespace", "no-break-space", "blank-lines"]
)
@given(text=TEXTS)
def test_a_mended_text_needs_no_mending(name: str, text: str) -> None:
    rule = next(rule for rule in rules() if rule.name == name)
    policy = policy_of({"language": "en"})
    mended = apply_fixes(text, run_alone(rule, view_of(rule, text, policy)))
    left = run_alone(rule, view_of(rule, mended, policy))
    assert [outcome for outcome in left if outcome.fix is not None] == []


# Pieces whose repetition makes a careless pattern slow; each text is such a run, then one character that ends it.
HOSTILE = [
    " ", "\t", "\u00a0", "\u3000 ", " \u00a0", "\r", "\n", "\r\n", "\n ", " \n", "a ", "a \n", "\u0301", "a\u0301",
    "\u0301\u0323", "\u1161", "\ufffd", "\u0000", "\u0085", "\u200b", "\u200b\n", "\u202a", "\u202a\u05d0",
    "\u202a\u202c\u05d0\n", "\u200d", "\U0001f3f4\U000e0067", "\U000e0067", "\u00c3", "\u00c3\u00a9", "\u00c3\u00a9 ",
    "\u00c9\u00bb", "\u00c9\u00bb ", "\u00e2\u20ac", "\u00e2\u20ac\u2122", "\u00c3\u0192", "\u00ef\u00bf\u00bd",
    "\u00d6\u00d0\u00b9\u00fa", "\u00d6\u00d0\u00b9\u00fa ", "\u00cf\u00f0\u00e8\u00e2\u00e5\u00f2",
    "\u951f\u65a4\u62f7", "\u9225\u6ddd", "\u951b\u5c7b", '"', "\u201c", "\u2019", "'", "it's ", '"s ', "\u300c", "[",
    "<", "<p>", "&", "---\n", "- ", "a: b\n", "https://", "\u4e2d\u6587",
]  # fmt: skip


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in ALONE])
@pytest.mark.parametrize("markup", ["text", "markdown"])
def test_time_is_linear_in_the_length(rule: Rule, markup: str) -> None:
    policy = policy_of({"markup": markup})
    for piece in HOSTILE:
        for before, after in (("", "x"), ("x", "")):

            def timed(size: int, piece: str = piece, before: str = before, after: str = after) -> Callable[[], float]:
                text = before + piece * (size // len(piece)) + after
                # A Raw rule is timed on a text that was read, whatever detecting its encoding takes.
                view = view_of(rule, text, policy)
                return lambda: _seconds(rule, view)

            _assert_linear(timed, repr((before, piece, after)))


def _seconds(rule: Rule, view: Any) -> float:
    # Processor time, without the collector: neither other programs nor how many objects there are may count.
    gc.disable()
    start = time.process_time()
    if rule.view == "Quotations":  # most of the work is done when the view is made
        view = quotations_of(view.body)
    for _ in rule.check(view):
        pass
    seconds = time.process_time() - start
    gc.enable()
    return seconds


def _assert_linear(timed: Callable[[int], Callable[[], float]], what: str) -> None:
    """Twice the length may not take thrice the time; what takes under 10 ms passes.

    The lengths are great ones, unless a short text takes so long that quadratic work would not come to an end.
    """
    size = 16_000 if timed(2_000)() < 0.02 else 2_000
    longer, before = timed(2 * size), float("inf")
    after = longer()
    if after < 0.01:
        return
    shorter = timed(size)
    for _ in range(8):  # the machine may be busy: the fastest of several runs counts
        before = min(before, shorter())
        if after < 3 * before:
            return
        after = min(after, longer())  # after the other, as the last text is remembered
        if after < 0.01:
            return
    pytest.fail(f"{what}: {before:.3f} s for {size:,} characters, {after:.3f} s for twice as many")


@pytest.mark.parametrize(
    "case", [{"text": "a b", "marks": ["b"]}, {"text": "a  b", "count": 2}, {"text": "a  b", "fix": "safe"}]
)
def test_a_false_case_fails(case: dict[str, Any]) -> None:
    rule = next(rule for rule in rules() if rule.name == "no-break-space")
    with pytest.raises(AssertionError):
        check_case(rule, case, dirty=True)
    with pytest.raises(AssertionError):
        check_case(rule, {"text": "a\u00a0b"}, dirty=False)
