"""The server of the page: who may ask, what is answered, and that nothing is written for anybody else."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from test_desk import PLAIN, RECORDED, TWICE, files_of, make_archive, text_of

from validator.archive.discovery import discover
from validator.archive.seeds import Seed
from validator.cli.commands.review import review as command
from validator.preservation.writing import last_run, seeds_of_run
from validator.review import app, serving, waiting
from validator.review.app import make_application
from validator.review.desk import Desk, sheet
from validator.review.matters import Entry, Matter, needs_decision, survey
from validator.review.queue import Queue, Wish, key_of
from validator.review.search import Search
from validator.review.security import HEADERS, LIMIT_BYTES, Keys
from validator.review.serving import opening_file
from validator.review.showing import Mark, lines_of, named, pieces, without_commands
from validator.text.findings import Severity, Verdict

PORT = 4711
HOST = f"127.0.0.1:{PORT}"
HOSTILE = {
    "plain/<img src=x onerror=alert(1)>.txt": TWICE,
    "plain/a\u202eb\nc.txt": TWICE,
    "plain/100% #?&.txt": TWICE,
}


class Page:
    """What the page does: it has opened the address, and carries cookie, origin and token."""

    def __init__(self, at: Desk) -> None:
        root = at.archive.root
        self.desk = at
        seeds = discover([str(root)], at.archive.settings, root).seeds
        self.queue = Queue(seeds)
        self.queue.add(survey(at.archive, seeds))
        self.queue.end()
        self.keys = Keys(PORT)
        self.faults: list[str] = []
        self.client = TestClient(
            make_application(at, self.queue, self.keys, self.faults.append),
            base_url=f"http://{HOST}", follow_redirects=False,
        )  # fmt: skip
        self.client.get(f"/open?token={self.keys.opening}")
        self.headers = {"Origin": f"http://{HOST}", "X-Review-Token": self.keys.token}

    def ask(self, what: str, **parameters: str) -> Any:
        answer = self.client.get(f"/api/{what}", params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def tell(self, what: str, status: int = 200, /, **told: Any) -> Any:
        answer = self.client.post(f"/api/{what}", json=told, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def seed(self, name: str) -> Any:
        return self.ask("seed", key=key_of(name))

    def choice(self, name: str, rule: str = "") -> dict[str, object]:
        found = self.seed(name)
        wanted = [each["id"] for each in found["findings"] if each["rule"] == rule]
        return {"key": found["key"], "version": found["version"], "findings": wanted}


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    opened = Page(make_archive(tmp_path / "archive", PLAIN | RECORDED | HOSTILE))
    yield opened
    assert opened.faults == []


# --- who may ask ------------------------------------------------------------------------------------------------------


def decision(page: Page) -> dict[str, Any]:
    return {"choices": [page.choice("plain/two.txt", "stray-quote")]}


REFUSED: dict[str, tuple[int, Callable[[Page], dict[str, str]]]] = {
    "a host of another name": (421, lambda page: page.headers | {"Host": f"evil.example:{PORT}"}),
    "a host of another port": (421, lambda page: page.headers | {"Host": "127.0.0.1:1"}),
    "a host without a port": (421, lambda page: page.headers | {"Host": "127.0.0.1"}),
    "no host": (421, lambda page: page.headers | {"Host": ""}),
    "another origin": (403, lambda page: page.headers | {"Origin": "http://evil.example"}),
    "another port's origin": (403, lambda page: page.headers | {"Origin": "http://127.0.0.1:1"}),
    "an opaque origin": (403, lambda page: page.headers | {"Origin": "null"}),
    "no origin": (403, lambda page: {"X-Review-Token": page.keys.token}),
    "localhost's origin at the number": (403, lambda page: page.headers | {"Origin": f"http://localhost:{PORT}"}),
    "a request across sites": (403, lambda page: page.headers | {"Sec-Fetch-Site": "same-site"}),
    "no token": (403, lambda page: {"Origin": f"http://{HOST}"}),
    "a wrong token": (403, lambda page: page.headers | {"X-Review-Token": page.keys.session}),
    "no cookie": (403, lambda page: page.headers | {"Cookie": ""}),
    "a wrong cookie": (403, lambda page: page.headers | {"Cookie": f"{page.keys.cookie_name}=x"}),
    "another port's cookie": (403, lambda page: page.headers | {"Cookie": f"validator-review-1={page.keys.session}"}),
    "no JSON": (415, lambda page: page.headers | {"Content-Type": "text/plain"}),
    "a form": (415, lambda page: page.headers | {"Content-Type": "application/x-www-form-urlencoded"}),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_a_decision_that_is_not_the_pages_own(page: Page, name: str) -> None:
    status, make = REFUSED[name]
    told = json.dumps(decision(page))
    before = files_of(page.desk)
    headers = {"Content-Type": "application/json"} | make(page)
    if "Cookie" in headers:
        page.client.cookies.clear()
    answer = page.client.post("/api/carry-out", content=told, headers=headers)
    assert answer.status_code == status, answer.text
    assert (files_of(page.desk), page.desk.done) == (before, [])
    assert not (page.desk.archive.root / ".validator").exists()
    assert {name: answer.headers[name.decode()] for name, _ in HEADERS}


def test_the_same_decision_is_taken_from_the_page(page: Page) -> None:
    page.tell("carry-out", **decision(page))
    assert '"' not in text_of(page.desk, "plain/two.txt")


@pytest.mark.parametrize("path", ["/", "/review.js", "/review.css", "/icon.svg", "/api/begin", "/api/queue"])
def test_nothing_is_shown_to_who_has_no_cookie(page: Page, path: str) -> None:
    assert page.client.get(path).status_code == 200
    assert page.client.get(path, headers={"Host": f"evil.example:{PORT}"}).status_code == 421
    assert page.client.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    page.client.cookies.clear()
    answer = page.client.get(path)
    assert answer.status_code == 403
    assert page.keys.token not in answer.text


DECISIONS = (
    *("name", "check", "carry-out", "accept", "accept-folder", "attest", "name-source"),
    *("repair", "repair-all", "undo", "redo"),
)


def test_nothing_but_a_post_decides(page: Page) -> None:
    told = decision(page)
    before = files_of(page.desk)
    for what in DECISIONS:
        for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"):
            answer = page.client.request(method, f"/api/{what}", params={"by": "x"}, json=told, headers=page.headers)
            assert answer.status_code == 405, (method, what)
    assert (files_of(page.desk), page.desk.done, page.desk.by) == (before, [], "A. Curator")
    assert [page.client.request(method, "/").status_code for method in ("HEAD", "OPTIONS", "PUT")] == [405] * 3


def test_cookies_of_others_do_not_stand_in_the_way(page: Page) -> None:
    own = f"{page.keys.cookie_name}={page.keys.session}"
    for cookies, status in [(f'a="{{[x,; {own}; b=c', 200), (own, 200), (f"x{own}", 403), (f"{own}x", 403), ("", 403)]:
        page.client.cookies.clear()
        assert page.client.get("/", headers={"Cookie": cookies}).status_code == status, cookies


def test_the_first_address_gives_a_cookie_and_leads_on(page: Page) -> None:
    page.client.cookies.clear()
    answer = page.client.get(f"/open?token={page.keys.opening}", headers={"Sec-Fetch-Site": "none"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert cookie == f"validator-review-{PORT}={page.keys.session}; HttpOnly; SameSite=Strict; Path=/"
    assert page.client.get("/").status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_who_comes_from_a_file_is_led_on_by_a_page_of_ours(page: Page, headers: dict[str, str]) -> None:
    page.client.cookies.clear()
    ticket = page.keys.ticket
    answer = page.client.get(f"/open?token={ticket}", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["set-cookie"].startswith(f"validator-review-{PORT}={page.keys.session}; HttpOnly; SameSite=")
    assert '<meta http-equiv="refresh" content="0; url=/">' in answer.text
    assert ticket not in answer.text
    assert {name: answer.headers[name.decode()] for name, _ in HEADERS} == {
        name: value.decode() for name, value in HEADERS
    }


def test_the_ticket_of_the_browser_opens_once_and_the_printed_address_again(page: Page) -> None:
    ticket = page.keys.ticket
    for token, status in [(ticket, 303), (ticket, 403), ("", 403), (page.keys.opening, 303), (page.keys.opening, 303)]:
        page.client.cookies.clear()
        answer = page.client.get("/open", params={"token": token}, headers={"Sec-Fetch-Site": "none"})
        assert answer.status_code == status
        assert ("set-cookie" in answer.headers) is (status == 303)
    assert page.client.post("/open", params={"token": page.keys.opening}).status_code == 405


def test_every_answer_has_the_headers(page: Page) -> None:
    answers = [
        page.client.get("/"), page.client.get("/nowhere"), page.client.get("/api/seed"), page.client.get("/open"),
        page.client.post("/api/undo", json={}, headers=page.headers), page.client.put("/"),
    ]  # fmt: skip
    for answer in answers:
        for name, value in HEADERS:
            assert answer.headers[name.decode()] == value.decode()
        assert "access-control-allow-origin" not in answer.headers
    policy = answers[0].headers["content-security-policy"]
    for part in (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'",
        "form-action 'none'", "frame-ancestors 'none'", "base-uri 'none'",
    ):  # fmt: skip
        assert part in policy.split("; ")
    html = answers[0].text
    assert not re.search(r"<script(?! src=)|<style|\son\w+=|\sstyle=|https?://", html)


def test_a_body_that_is_too_large(page: Page) -> None:
    large = {"choices": "x" * LIMIT_BYTES}
    assert page.client.post("/api/carry-out", json=large, headers=page.headers).status_code == 413

    def in_pieces() -> Iterator[bytes]:
        for _ in range(LIMIT_BYTES // 1000 + 1):
            yield b"x" * 1000

    headers = page.headers | {"Content-Type": "application/json"}
    assert page.client.post("/api/carry-out", content=in_pieces(), headers=headers).status_code == 413
    assert page.desk.done == []


WRONG = [
    b"", b"[", b"[]", b"null", b'"text"', b"{}", b"[" * 100_000, b"\xff", b'{"choices": []}', b'{"choices": [1]}',
    b'{"choices": [{"key": "x", "version": "y"}]}', b'{"choices": [{"key": ["x"], "version": "y"}]}',
    b'{"choices": [{"version": "y", "findings": [["rule"]]}]}', b'{"choices": "x", "reason": 1}',
]  # fmt: skip


@pytest.mark.parametrize("what", ["carry-out", "accept", "attest", "name-source", "repair", "check", "name"])
def test_what_is_no_decision(page: Page, what: str) -> None:
    before = files_of(page.desk)
    headers = page.headers | {"Content-Type": "application/json"}
    for body in WRONG:
        answer = page.client.post(f"/api/{what}", content=body, headers=headers)
        assert answer.status_code in (400, 422), body
        assert answer.json().keys() == {"error", "kind"}
    assert (files_of(page.desk), page.desk.done) == (before, [])


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt",
        "plain/../plain/two.txt",
        "/etc/hostname",
        "plain/two.txt",
        "plain/two.txt.meta.yaml",
        "",
        "\0",
        "plain/link.txt",
    ],
)
def test_a_seed_is_named_by_its_key_alone(page: Page, tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.txt").write_text(TWICE)
    before = files_of(page.desk)
    version = page.seed("plain/two.txt")["version"]
    assert page.client.get("/api/seed", params={"key": name}).status_code == 400
    for key in (name, key_of(name) if name != "plain/two.txt" else "no key"):
        page.tell("repair", 400, choices=[{"key": key, "version": version}])
        page.tell(
            "attest",
            400,
            choices=[{"key": key, "version": version}],
            basis="x",
            values=[{"field": "publisher", "value": "x"}],
        )
    assert files_of(page.desk) == before
    for path in ("/../validator.toml", "/%2e%2e/validator.toml", "/page/../app.py", "/review.html", "//etc/hostname"):
        assert page.client.get(path).status_code in (404, 405)


def test_a_link_is_shown_as_refused_and_not_written_to(tmp_path: Path) -> None:
    at = make_archive(tmp_path / "archive", PLAIN)
    (tmp_path / "outside.txt").write_text(TWICE)
    (at.archive.root / "plain/link.txt").symlink_to(tmp_path / "outside.txt")
    (at.archive.root / "plain/inside.txt").symlink_to("two.txt")
    page = Page(at)
    shown = page.ask("queue")
    assert {each["name"] for each in shown["refused"]} == {"plain/link.txt", "plain/inside.txt"}
    for name in ("plain/link.txt", "plain/inside.txt"):
        answer = page.client.get("/api/seed", params={"key": key_of(name)})
        assert (answer.status_code, "link" in answer.json()["error"]) == (422, True)
        page.tell("repair", 422, choices=[{"key": key_of(name), "version": "x"}])
    assert (tmp_path / "outside.txt").read_text() == TWICE
    target = at.archive.root / "plain/two.txt"
    choice = page.choice("plain/two.txt", "stray-quote")
    target.unlink()
    target.symlink_to(tmp_path / "outside.txt")  # after it was shown
    assert "symbolic link" in page.tell("carry-out", 422, choices=[choice])["error"]
    assert (tmp_path / "outside.txt").read_text() == TWICE


def test_hostile_names_are_seeds_like_others(page: Page) -> None:
    for name in HOSTILE:
        found = page.seed(name)
        assert "\n" not in found["name"]
        assert "\u202e" not in found["name"]
        page.tell("carry-out", choices=[page.choice(name, "stray-quote")])
        assert '"' not in text_of(page.desk, name)


def test_names_that_are_no_unicode(tmp_path: Path) -> None:
    at = make_archive(tmp_path / "archive", PLAIN)
    raw = os.fsdecode(b"plain/\xff\xfe.txt")
    (at.archive.root / raw).write_text(TWICE)
    page = Page(at)
    page.tell("accept", choices=[page.choice(raw, "stray-quote")], reason="right")
    assert (at.archive.root / f"{raw}.meta.yaml").exists()


def test_a_fault_of_the_program_tells_no_trace(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise KeyError("a secret of the program")

    monkeypatch.setattr(app, "sheet", fail)
    answer = page.client.get("/api/seed", params={"key": key_of("plain/two.txt")})
    assert answer.status_code == 500
    assert answer.json() == {"error": "a fault of the program; the terminal says more", "kind": "fault"}
    assert len(page.faults) == 1
    assert "a secret of the program" in page.faults[0]
    page.faults.clear()


# --- what is answered -------------------------------------------------------------------------------------------------


def test_a_sitting(page: Page) -> None:
    begun = page.ask("begin")
    assert (begun["by"], begun["token"], begun["root"]) == ("A. Curator", page.keys.token, "archive")
    listed = page.ask("queue")
    assert listed["total"] == 6
    assert [group["rule"] for group in listed["groups"]] == [
        "stray-quote", "byline-missing", "date-missing", "source-url-missing", "stray-quote",
    ]  # fmt: skip
    assert listed["safe"] == {"seeds": 1, "fixes": 3}
    first = listed["items"][0]["key"]
    assert page.ask("neighbour", key="")["key"] == first
    second = page.ask("neighbour", key=first)["key"]
    assert page.ask("neighbour", key=second, step="-1")["key"] == first
    assert page.ask("neighbour", key=first, step="-1")["key"] is None

    name = "plain/two.txt"
    answer = page.tell("carry-out", choices=[page.choice(name, "stray-quote")], show=key_of(name))
    assert answer["progress"] | {"seeds": 8} == {
        "seeds": 8, "looked": 8, "complete": True, "problem": "", "decided": 1, "open": 5,
    }  # fmt: skip
    assert (answer["seed"]["findings"], answer["undo"]) == ([], "stray-quote: take the mark out")
    answer = page.tell("undo")
    assert (answer["progress"]["open"], answer["keys"], answer["redo"]) == (
        6,
        [key_of(name)],
        "stray-quote: take the mark out",
    )
    assert page.tell("redo")["progress"]["open"] == 5
    assert page.tell("redo", 422)["kind"] == "decision"


def test_a_seed_that_was_changed_meanwhile_is_not_written(page: Page) -> None:
    choice = page.choice("plain/two.txt", "stray-quote")
    known = page.seed("plain/two.txt")["version"]
    assert page.ask("seed", key=str(choice["key"]), known=known) == {"same": True}
    (page.desk.archive.root / "plain/two.txt").write_text('Theirs" now.\n')
    assert page.ask("seed", key=str(choice["key"]), known=known)["version"] != known
    for what in ("carry-out", "repair"):
        assert page.tell(what, 409, choices=[choice])["kind"] == "stale"
    assert page.tell("accept", 409, choices=[choice], reason="right")["kind"] == "stale"
    assert text_of(page.desk, "plain/two.txt") == 'Theirs" now.\n'


def test_who_has_no_name_is_asked_for_one(page: Page) -> None:
    page.desk.by = ""
    assert (
        page.tell("accept", 422, choices=[page.choice("plain/two.txt", "stray-quote")], reason="right")["kind"]
        == "name"
    )
    for name in ("", " ", "x" * 201, "two\u202elines", 1):
        assert page.tell("name", 400 if name == 1 else 422, by=name)["kind"] in ("decision", "wrong")
    page.tell("name", by="  A.  Curator ")
    page.tell("accept", choices=[page.choice("plain/two.txt", "stray-quote")], reason="right")
    assert 'by: "A. Curator"' in text_of(page.desk, "plain/two.txt.meta.yaml")


def test_a_value_is_checked_as_it_is_written(page: Page) -> None:
    key = key_of("mod/item.txt")
    said = page.tell("check", key=key, values=[{"field": "byline", "value": ["One Name"]}])
    assert said["record"] == {"byline": "One Name"}
    assert said["gone"] == ["byline-missing: no byline found"]
    assert (
        page.tell("check", 422, key=key, values=[{"field": "date_published", "value": "14 June"}])["kind"] == "decision"
    )
    assert page.tell("check", key=key, source="mod-gov-cn")["source"] == "mod-gov-cn"
    byline: dict[str, Any] = {"field": "byline", "value": "a"}
    colour = {"field": "colour", "value": "red"}
    several: list[Any] = [[colour], [byline | {"value": []}], [byline | {"value": 1}], [byline | {"replaces": 1}]]
    for wrong in (*several, [byline] * 2, [], "x"):
        page.tell("check", 400, key=key, values=wrong)
    assert not (page.desk.archive.root / "mod/item.txt.meta.yaml").exists()
    choice = page.choice("mod/item.txt")
    assert (
        "basis"
        in page.tell("attest", 422, choices=[choice], basis=" ", values=[{"field": "byline", "value": "a"}])["error"]
    )
    page.tell("attest", choices=[choice], basis="print", values=[{"field": "byline", "value": ["One", "Two"]}])
    assert page.seed("mod/item.txt")["values"][1]["note"].startswith("print")


def test_reasons_and_days(page: Page) -> None:
    choice = page.choice("plain/two.txt", "stray-quote")
    assert page.tell("accept", 422, choices=[choice], reason=" ")["kind"] == "decision"
    assert page.tell("accept", 422, choices=[choice], reason="x", until="tomorrow")["kind"] == "decision"
    assert "in the past" in page.tell("accept", 422, choices=[choice], reason="x", until="2001-01-01")["error"]
    page.tell("accept", choices=[choice], reason="x", until="2099-12-31")
    assert "until: 2099-12-31" in text_of(page.desk, "plain/two.txt.meta.yaml")


def test_all_that_are_alike(page: Page) -> None:
    group = next(each for each in page.ask("queue")["groups"] if each["source"] == "plain-text")
    assert group["seeds"] == 5
    listed = page.ask("alike", group=group["key"])
    assert (len(listed["seeds"]), listed["after"]) == (5, None)
    item = listed["seeds"][0]["items"][0]
    assert {each["sign"] for each in item["fix"]["change"]["rows"]} >= {"-", "+"}
    choices = [
        {"key": seed["key"], "version": seed["version"], "findings": [seed["items"][0]["id"]]}
        for seed in listed["seeds"]
    ]
    before = files_of(page.desk)
    page.tell("carry-out", 400, choices=[*choices, choices[0]])
    answer = page.tell("carry-out", choices=choices, group=group["key"])
    assert answer["done"] == "carried out stray-quote: take the mark out, in 5 seeds"
    assert [text_of(page.desk, name).count('"') for name in ("plain/one.txt", "plain/two.txt")] == [1, 0]
    assert len(page.tell("undo")["keys"]) == 5
    assert files_of(page.desk) == before
    assert page.tell("accept", choices=choices, reason="so in print")["left"].keys() == {
        page.seed(name)["name"] for name in (*HOSTILE, "plain/one.txt", "plain/two.txt")
    } - {page.seed(name)["name"] for name in (*HOSTILE, "plain/one.txt", "plain/two.txt")}
    assert page.ask("alike", group="none") == {"group": None, "seeds": [], "after": None}


def test_lists_are_told_in_parts(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "LOOKED_AT_A_TIME", 2)
    group = next(each for each in page.ask("queue")["groups"] if each["source"] == "plain-text")
    seen, after, left = [], "", []
    for _ in range(3):
        part = page.ask("alike", group=group["key"], after=after)
        seen += [seed["key"] for seed in part["seeds"]]
        after = part["after"] or ""
        left.append(part["left"])
    assert (len(seen), len(set(seen)), left) == (5, 5, [3, 1, 0])


def test_safe_repairs_are_shown_and_carried_out(page: Page) -> None:
    name = "plain/safe.txt"
    preview = page.ask("safe", key=key_of(name))
    assert sum(each["number"] for each in preview["changes"]) == 3
    rows = [(row["sign"], row["n"], "".join(piece[0] for piece in row["s"])) for row in preview["passages"][0]["rows"]]
    assert rows[0] == ("-", 1, 'The keeper"s line␣␣')
    assert ("+", 1, "The keeper's line") in rows
    assert text_of(page.desk, name) == PLAIN[name]
    listed = page.ask("all-safe")
    assert [(seed["key"], seed["version"]) for seed in listed["seeds"]] == [(key_of(name), preview["version"])]
    page.tell("repair", choices=[{"key": key_of(name), "version": preview["version"]}])
    assert text_of(page.desk, name) == "The keeper's line\nends here\n"
    assert page.ask("all-safe")["seeds"] == []


# Texts with safe repairs. Some of them settle, besides, what would be asked about.
MIXED = {
    "plain/twice-marked.txt": "\ufeff\ufeffTwo marks of byte order stand before it.\n",
    "plain/late.txt": 'We don"t know that it"s so, for "tis late in the 80"s.\n',
    "plain/both.txt": '\ufeff\ufeffThe printer"s line, and a mark" too.  \n',
    "plain/apart.txt": 'The printer"s line.\nA mark" without its half.\n',
    "plain/three.txt": 'A mark" here.\nThe binder"s mark" there  \nand an end" of it.',
    "plain/unseen.txt": 'The binder"s note\u200b is here, and nobody\u200b sees it\n',
    "plain/spaces.txt": 'Spaces at its end  \nand another" mark\n',
    "plain/none.txt": 'Nothing is safe" here.\n',
}


def asked(page: Page) -> dict[str, int]:
    """How many findings the queue asks about, by seed."""
    return {item["name"]: sum(each["number"] for each in item["matters"]) for item in page.ask("queue")["items"]}


def found_of(page: Page, name: str) -> int:
    """How many findings of a seed a person would have to decide on, whatever its safe repairs settle."""
    found = sheet(page.desk, page.queue.seeds[key_of(name)])
    return sum(needs_decision(each) for each in found.report.findings)


def test_what_safe_repairs_settle_is_not_asked_before_them(tmp_path: Path) -> None:
    page = Page(make_archive(tmp_path / "archive", MIXED))
    before = asked(page)
    settled = {name: page.seed(name)["settled"] for name in MIXED}
    found = {name: found_of(page, name) for name in MIXED}
    assert settled["plain/twice-marked.txt"] > 0
    assert before["plain/none.txt"] == found["plain/none.txt"] == 1
    for name in MIXED:
        shown = page.seed(name)
        assert sum(each["needs"] for each in shown["findings"]) == before.get(name, 0), name
        assert sum(each["settled"] for each in shown["findings"]) == settled[name]
        assert not any(each["needs"] and each["settled"] for each in shown["findings"])
    page.tell("repair-all", after="")
    assert asked(page) == before  # so what was asked stays to be asked, and nothing else comes
    assert {name: found_of(page, name) + settled[name] for name in MIXED} == found
    assert page.ask("queue")["safe"] == {"seeds": 0, "fixes": 0}
    assert {page.seed(name)["settled"] for name in MIXED} == {0}
    assert page.faults == []


def test_groups_of_decisions_leave_out_what_safe_repairs_settle(tmp_path: Path) -> None:
    page = Page(make_archive(tmp_path / "archive", MIXED))
    found = page.ask("queue")
    listed = [
        (seed["name"], item["at"])
        for group in found["groups"] for seed in page.ask("alike", group=group["key"])["seeds"] for item in seed["items"]
    ]  # fmt: skip
    assert sum(group["findings"] for group in found["groups"]) == len(listed) == sum(asked(page).values())
    assert "plain/twice-marked.txt" not in {name for name, _ in listed}


@pytest.mark.parametrize("seconds", [60.0, -1.0])
def test_all_safe_repairs_are_one_decision(tmp_path: Path, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "SECONDS_AT_A_TIME", seconds)
    page = Page(make_archive(tmp_path / "archive", MIXED))
    before = files_of(page.desk)
    said, parts = page.tell("repair-all", after=""), 1
    while said["after"] is not None:
        said, parts = page.tell("repair-all", after=said["after"], goes_on=True), parts + 1
        assert said["left"] == {}
    assert parts == (1 if seconds > 0 else 7)
    assert (said["done"], len(page.desk.done)) == ("safe repairs, in 7 seeds", 1)
    assert text_of(page.desk, "plain/apart.txt").startswith("The printer's line.\n")
    assert len(seeds_of_run(page.desk.archive.root, str(last_run(page.desk.archive.root)))) == 7
    repaired = files_of(page.desk)
    assert page.tell("undo")["undo"] is None
    assert files_of(page.desk) == before
    page.tell("redo")
    assert files_of(page.desk) == repaired


def test_safe_repairs_go_on_with_their_own_decision_only(tmp_path: Path) -> None:
    page = Page(make_archive(tmp_path / "archive", MIXED))
    page.tell("repair-all", after="")
    page.tell("carry-out", choices=[page.choice("plain/apart.txt", "stray-quote")])
    (page.desk.archive.root / "plain/none.txt").write_text('The binder"s line is new.\n')
    page.seed("plain/none.txt")
    page.tell("repair-all", after="", goes_on=True)
    assert [len(step.names) for step in page.desk.done] == [7, 1, 1]


def test_a_seed_that_cannot_be_repaired_does_not_stop_the_others(page: Page) -> None:
    root = page.desk.archive.root
    (root / "plain/two.txt").write_text('The binder"s line is new.\n')
    page.seed("plain/two.txt")
    (root / ".validator/events/plain/safe.txt.jsonl").mkdir(parents=True)  # its record cannot be written
    said = page.tell("repair-all", after="")
    assert list(said["left"]) == ["plain/safe.txt"]
    assert said["done"] == "safe repairs"
    assert text_of(page.desk, "plain/two.txt") == "The binder's line is new.\n"
    assert text_of(page.desk, "plain/safe.txt") == PLAIN["plain/safe.txt"]


def test_safe_repairs_of_all_seeds_carry_a_name(page: Page) -> None:
    page.desk.by = ""
    before = files_of(page.desk)
    assert page.tell("repair-all", 422, after="")["kind"] == "name"
    assert page.tell("repair-all", 400)["kind"] == "wrong"
    assert files_of(page.desk) == before


def test_no_reason_is_known_to_the_program(page: Page) -> None:
    """Neither in what the page is told nor in what is written for a curator who gives none."""
    choice = page.choice("plain/two.txt", "stray-quote")
    before = files_of(page.desk)
    for told in ({}, {"reason": ""}, {"reason": " \t\u00a0"}):
        page.tell("accept", 400 if not told else 422, choices=[choice], **told)
    vouched = [{"field": "headline", "value": "A headline"}]
    for told in ({}, {"basis": ""}, {"basis": "  "}):
        page.tell("attest", 400 if not told else 422, choices=[page.choice("mod/item.txt")], values=vouched, **told)
    assert files_of(page.desk) == before
    assert not {"reason", "basis"} & set(page.ask("begin"))
    for each in page.seed("plain/two.txt")["findings"]:
        assert not {"reason", "basis"} & set(each)


def test_the_queue_is_filtered(page: Page) -> None:
    assert page.ask("queue", source="mod-gov-cn")["total"] == 1
    assert page.ask("queue", rule="stray-quote")["total"] == 6
    assert page.ask("queue", rule="stray-quote", source="plain-text", text="TWO")["total"] == 1
    assert page.ask("queue", text="no such text")["total"] == 0
    assert page.ask("neighbour", key="", text="two")["key"] == key_of("plain/two.txt")
    assert page.client.get("/api/queue", params={"offset": "-1"}).status_code == 400


def test_each_filter_says_how_many_seeds_it_leaves(page: Page) -> None:
    facets = page.ask("queue")["facets"]
    assert dict(facets["source"]) == {"plain-text": 5, "mod-gov-cn": 1}
    assert dict(facets["rule"])["stray-quote"] == 6
    assert dict(facets["kind"]) == {"proposal": 6, "value": 1}
    for name, values in facets.items():
        for value, seeds in values:
            assert page.ask("queue", **{name: value})["total"] == seeds, (name, value)
    narrowed = page.ask("queue", source="mod-gov-cn")
    assert dict(narrowed["facets"]["source"]) == dict(facets["source"])  # of one filter all values can still be chosen
    assert dict(narrowed["facets"]["rule"])["stray-quote"] == 1
    assert {each["source"] for each in narrowed["groups"]} == {"mod-gov-cn"}
    value = page.ask("queue", kind="value")
    assert {each["rule"] for each in value["groups"]} <= {"byline-missing", "date-missing", "source-url-missing"}
    assert page.ask("queue", source="none-such")["facets"]["source"][-1] == ["none-such", 0]


def test_a_text_that_is_sought_narrows_what_is_alike(page: Page) -> None:
    group = next(each for each in page.ask("queue")["groups"] if each["source"] == "plain-text")
    assert len(page.ask("alike", group=group["key"])["seeds"]) > 1
    assert [each["name"] for each in page.ask("alike", group=group["key"], text="two")["seeds"]] == ["plain/two.txt"]


def test_a_rule_is_accepted_for_a_folder_in_one_sidecar(tmp_path: Path) -> None:
    names = [f"plain/{folder}/{number}.txt" for folder in ("a/x", "a/y", "b") for number in range(3)]
    page = Page(make_archive(tmp_path / "archive", dict.fromkeys(names, TWICE * 2) | RECORDED))
    root = page.desk.archive.root
    (group,) = [each for each in page.ask("queue")["groups"] if each["source"] == "plain-text"]
    folders = page.ask("alike", group=group["key"])["folders"]
    told = [(each["name"], each["seeds"], each["all"]) for each in folders]
    assert told == [
        ("", 9, 10), ("plain", 9, 9), ("plain/a", 6, 6), ("plain/a/x", 3, 3), ("plain/a/y", 3, 3), ("plain/b", 3, 3),
    ]  # fmt: skip
    decision = {"group": group["key"], "folder": folders[2]["key"], "reason": "so in print"}
    page.tell("accept-folder", 422, **decision | {"reason": " "})
    page.tell("accept-folder", 422, **decision, until="2001-01-01")
    page.tell("accept-folder", 400, **decision | {"folder": "../.."})
    page.tell("accept-folder", 409, **decision | {"group": "none"})
    assert not list(root.rglob("*.meta.yaml"))
    before = files_of(page.desk)
    said = page.tell("accept-folder", **decision)
    assert (said["done"], said["undo"]) == ("accepted stray-quote in 6 seeds", "accepted stray-quote in a folder")
    assert [path.relative_to(root).as_posix() for path in root.rglob("*.meta.yaml")] == ["plain/a/seeds.meta.yaml"]
    assert 'reason: "so in print"' in (root / "plain/a/seeds.meta.yaml").read_text()
    listed = page.ask("queue")
    assert {each["name"] for each in listed["items"]} == {*RECORDED, *names[6:]}
    assert listed["progress"]["decided"] == 6
    for name in names:  # what the queue says is what the seeds say
        left = any(each["needs"] for each in page.seed(name)["findings"])
        assert left is (name in names[6:])
    page.tell("undo")
    assert (files_of(page.desk), page.ask("queue")["total"]) == (before, 10)
    page.tell("redo")
    assert page.ask("queue")["total"] == 4
    sidecar = root / "plain/a/seeds.meta.yaml"
    sidecar.write_text(sidecar.read_text() + "# somebody else\n")
    assert "changed on disk" in page.tell("undo", 409)["error"]
    assert sidecar.read_text().endswith("# somebody else\n")


def test_a_folders_sidecar_keeps_what_it_says(tmp_path: Path) -> None:
    page = Page(make_archive(tmp_path / "archive", {"plain/a/0.txt": TWICE, "plain/a/1.txt": TWICE}))
    sidecar = page.desk.archive.root / "plain/a/seeds.meta.yaml"
    theirs = 'seeds:\n- files: ["0.txt"]\n  record:\n    publisher: {value: X, basis: "print", by: "B. Other", on: 2026-01-01}\n'
    sidecar.write_text(theirs)
    (group,) = page.ask("queue")["groups"]
    folder = page.ask("alike", group=group["key"])["folders"][-1]
    assert folder["name"] == "plain/a"
    page.tell("accept-folder", group=group["key"], folder=folder["key"], reason="so in print")
    assert sidecar.read_text().startswith(theirs)
    assert page.ask("queue")["total"] == 0
    page.tell("undo")
    assert sidecar.read_text() == theirs


def test_the_queue_notices_what_somebody_else_decides(page: Page) -> None:
    assert "plain/two.txt" in {each["name"] for each in page.ask("queue")["items"]}
    accepted = '- {rule: stray-quote, reason: "in print", by: "B. Other", on: 2026-01-01}'
    (page.desk.archive.root / "plain/two.txt.meta.yaml").write_text(f"accept:\n{accepted}\n")
    assert "plain/two.txt" not in {each["name"] for each in page.ask("queue")["items"]}
    assert page.ask("queue")["progress"]["decided"] == 1


def test_a_folder_that_is_a_link_is_not_written_to(tmp_path: Path) -> None:
    page = Page(make_archive(tmp_path / "archive", {"plain/a/0.txt": TWICE, "plain/a/1.txt": TWICE}))
    root = page.desk.archive.root
    (group,) = page.ask("queue")["groups"]
    folder = page.ask("alike", group=group["key"])["folders"][-1]
    (root / "plain/a").rename(tmp_path / "outside")
    (root / "plain/a").symlink_to(tmp_path / "outside")
    told = page.tell("accept-folder", 422, group=group["key"], folder=folder["key"], reason="so")
    assert "symbolic link" in told["error"]
    assert not list((tmp_path / "outside").glob("*.yaml"))


# --- the queue --------------------------------------------------------------------------------------------------------


def test_twenty_thousand_seeds_are_listed_in_time() -> None:
    names = [f"folder/{number // 500}/{number}.txt" for number in range(20_000)]
    matters = [Matter(Severity.ERROR, f"rule-{number % 60}", f"title {number % 7}") for number in range(60 * 7)]
    found = [
        Entry(name, f"source-{at % 7}", Verdict.INVALID, tuple(matters[at % 400 : at % 400 + 3]))
        for at, name in enumerate(names)
    ]
    queue = Queue([Seed.at(f"/{name}", name) for name in names])
    queue.add(found)
    queue.end()

    def seconds(action: Callable[[], object]) -> float:
        took = []
        for _ in range(3):
            began = time.perf_counter()
            action()
            took.append(time.perf_counter() - began)
        return min(took)

    assert seconds(lambda: queue.view(Wish(), 0, 100)) < 2
    assert seconds(lambda: queue.view(Wish(rule="rule-4", kind="proposal", text="0123"), 0, 100)) < 2
    decided = iter(found)

    def decide() -> None:
        queue.renew(replace(next(decided), matters=(), verdict=Verdict.VALID))
        queue.progress()
        queue.alike("source-1")

    assert seconds(decide) < 0.1


def entry(name: str, *matters: Matter, **more: Any) -> Entry:
    return Entry(name, "one", Verdict.INVALID, matters, **more)


ERROR, WARNING = Matter(Severity.ERROR, "rare", ""), Matter(Severity.WARNING, "often", "")


def test_like_decisions_come_together_in_the_order_of_what_one_settles() -> None:
    queue = Queue([Seed.at(f"/{name}", name) for name in "abcdef"])
    queue.add([entry("a", WARNING), entry("b", ERROR), entry("c"), entry("d", WARNING), entry("e", WARNING, ERROR)])
    assert queue.progress()["complete"] is False
    names = [item["name"] for item in queue.view(Wish(), 0, 9)["items"]]
    assert names == ["a", "d", "e", "b"]
    queue.renew(entry("d"))
    assert [item["name"] for item in queue.view(Wish(), 0, 9)["items"]] == ["a", "e", "b"]
    assert queue.neighbour(key_of("d"), 1, Wish()) == key_of("e")  # from where it was
    assert (queue.progress()["decided"], queue.progress()["open"]) == (1, 3)
    queue.add([entry("d", WARNING)])  # what the search found earlier
    assert queue.progress()["decided"] == 1
    queue.end("cut short")
    assert (queue.progress()["complete"], queue.progress()["problem"]) == (False, "cut short")


def test_what_was_decided_before_counts_and_what_is_refused_does_not() -> None:
    queue = Queue([Seed.at(f"/{name}", name) for name in "abc"])
    queue.add([entry("a", is_touched=True), entry("b", ERROR, refused="a link"), entry("c")])
    assert (queue.progress()["decided"], queue.progress()["open"]) == (1, 0)
    assert [each["name"] for each in queue.view(Wish(), 0, 9)["refused"]] == ["b"]


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.lists(st.sampled_from([ERROR, WARNING]), max_size=2, unique=True)),
        max_size=20,
    )
)
def test_walking_the_queue_meets_every_open_seed_once(found: list[tuple[str, list[Matter]]]) -> None:
    queue = Queue([Seed.at(f"/{name}", name) for name in "abcdefgh"])
    half = len(found) // 2
    queue.add(entry(name, *matters) for name, matters in found[:half])
    for name, matters in found[half:]:
        queue.renew(entry(name, *matters))
    listed = [item["key"] for item in queue.view(Wish(), 0, 99)["items"]]
    walked, key = [], queue.neighbour("", 1, Wish())
    while key is not None:
        walked.append(key)
        key = queue.neighbour(key, 1, Wish())
    assert walked == listed
    back, key = [], walked[-1] if walked else None
    while key is not None:
        back.append(key)
        key = queue.neighbour(key, -1, Wish())
    assert back == listed[::-1]
    assert queue.progress()["open"] == len(listed)


def test_the_search_fills_the_queue_from_a_process_of_its_own(tmp_path: Path) -> None:
    """While another thread runs it cannot fork, so this is the way of other systems too."""
    at = make_archive(tmp_path / "archive", PLAIN)
    seeds = discover([str(at.archive.root)], at.archive.settings, at.archive.root).seeds
    queue = Queue(seeds)
    is_over = threading.Event()
    other = threading.Thread(target=is_over.wait)
    other.start()
    try:
        search = Search(at.archive, seeds, queue)
        search.begin()
        while not (queue.is_complete or queue.problem):
            time.sleep(0.01)
        search.end()
    finally:
        is_over.set()
        other.join()
    assert queue.progress() == {"seeds": 4, "looked": 4, "complete": True, "problem": "", "decided": 0, "open": 2}


def test_a_search_that_ends_early_is_told(tmp_path: Path) -> None:
    at = make_archive(tmp_path / "archive", PLAIN)
    seeds = discover([str(at.archive.root)], at.archive.settings, at.archive.root).seeds
    queue = Queue(seeds)
    before = multiprocessing.active_children()
    search = Search(at.archive, seeds, queue)
    (process,) = (each for each in multiprocessing.active_children() if each not in before)
    process.kill()
    search.end()
    search.begin()
    while not queue.problem:
        time.sleep(0.01)
    assert queue.progress()["complete"] is False
    assert queue.progress()["problem"].startswith("the search ended too early")


# --- the text ---------------------------------------------------------------------------------------------------------

TEXT = st.text(st.sampled_from("ab \n\r\t\u00a0\u202e\u0301中"), max_size=40)
MARKS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 8)), max_size=5)


@given(TEXT, MARKS, st.booleans())
def test_the_lines_show_the_whole_text_and_every_mark_where_it_is(
    text: str, spans: list[tuple[int, int]], is_long: bool
) -> None:
    marks = [Mark(min(start, len(text)), min(start + width, len(text))) for start, width in spans]
    with pytest.MonkeyPatch.context() as patched:
        if is_long:
            for name in ("WHOLE_CHARACTERS", "HEAD_CHARACTERS", "NEAR_CHARACTERS"):
                patched.setattr(f"validator.review.showing.{name}", 3)
        lines = lines_of(text, marks)
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    marked = dict.fromkeys(range(len(marks)), "")
    at = {0}  # where the next line may begin: a line end that nothing marks is not told
    for line in lines:
        if "gap" in line:
            at = {each + line["gap"] for each in at if text.count("\n", each, each + line["gap"]) == line["lines"]}
            continue
        assert starts[line["n"] - 1] in at
        end = check_pieces(text, starts[line["n"] - 1], line["s"], marks, marked)
        rest = re.compile("\r?\n?").match(text, end)
        at = {end, rest.end() if rest else end}
    assert len(text) in at
    for index, mark in enumerate(marks):
        whole = text[mark.start : mark.end]
        if mark.start == mark.end:
            assert marked[index] == "here"
        elif not is_long:
            assert re.sub("\n", "", marked[index]) == re.sub("\n", "", whole)


def check_pieces(text: str, at: int, found: list[Any], marks: list[Mark], marked: dict[int, str]) -> int:
    """Where the pieces of a line end, each of which must be what stands there; what they mark is added up."""
    for piece in found:
        if isinstance(piece, dict):
            at += piece["gap"]
            continue
        shown, inside, *what = piece
        if text[at : at + 1] == "\r" and (shown == "⏎" or (not shown and marks[inside[0]].start > at)):
            at += 1  # of a line end that nothing marks
        source = text[at] if what else shown
        assert text.startswith(source, at)
        assert not what or what == [named(source) if source != "\n" else "U+000A line feed"]
        if not source:
            assert all(marks[index].start == marks[index].end == at for index in inside)
        else:
            end = at + len(source)
            assert inside == [index for index, mark in enumerate(marks) if mark.start < end and at < mark.end]
        for index in inside:
            marked[index] = marked[index] + source or "here"
        at += len(source)
    return at


def test_what_cannot_be_seen_is_a_piece_of_its_own() -> None:
    assert list(pieces("a\u00a0b\tc", False)) == [
        ("a", ""), ("⍽", "U+00A0 no-break space"), ("b", ""), ("⇥", "U+0009 control character"), ("c", ""),
    ]  # fmt: skip
    assert list(pieces("a b", True)) == [("a b", "")]
    assert list(pieces("  ", False)) == [("  ", "")]
    assert list(pieces("  ", True)) == [("␣", "U+0020 space")] * 2
    assert [what for _, what in pieces("⍽", False)] == [""]  # the sign itself is text
    assert list(pieces("x\u202ey", False))[1] == ("\\u{202E}", "U+202E right-to-left override")


def test_a_line_of_millions_is_cut() -> None:
    text = "x" * 2_500_000 + 'mark" here' + "y" * 2_500_000
    lines = lines_of(text, [Mark(2_500_004, 2_500_005)])
    (line,) = lines
    gaps = [piece["gap"] for piece in line["s"] if isinstance(piece, dict)]
    shown = sum(len(piece[0]) for piece in line["s"] if isinstance(piece, list))
    assert len(gaps) == 2
    assert sum(gaps) + shown == len(text)
    assert shown < 4_000


def test_advice_without_commands() -> None:
    assert (
        without_commands('find it, and attest it: `validator attest FILE headline "…"`.') == "find it, and attest it."
    )
    assert without_commands("let it be taken out.") == "let it be taken out."


# --- clients that keep the server waiting -----------------------------------------------------------------------------


@pytest.fixture
def impatient(page: Page, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], socket.socket]]:
    """Connects to a server of the page that waits for half a second."""
    monkeypatch.setattr(waiting, "REQUEST_SECONDS", 0.5)
    monkeypatch.setattr(waiting, "READING_SECONDS", 0.5)
    monkeypatch.setattr(waiting, "WAITING_AT_ONCE", 20)
    sockets: list[socket.socket] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        page.keys.port = listener.getsockname()[1]
        server = serving.server_of(page.client.app)
        thread = threading.Thread(target=lambda: server.run(sockets=[listener]))
        thread.start()

        def connect() -> socket.socket:
            sockets.append(socket.create_connection(("127.0.0.1", page.keys.port), 60))
            return sockets[-1]

        try:
            yield connect
        finally:
            for each in sockets:
                each.close()
            server.should_exit = True
            thread.join()


def request(page: Page, method: str = "GET", path: str = "/api/progress", more: str = "") -> bytes:
    cookie = f"{page.keys.cookie_name}={page.keys.session}"
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{page.keys.port}\r\nCookie: {cookie}\r\n{more}\r\n".encode()


def decides(page: Page, length: str = "Content-Length: 2") -> str:
    return (
        f"Origin: http://127.0.0.1:{page.keys.port}\r\nX-Review-Token: {page.keys.token}\r\n"
        f"Content-Type: application/json\r\n{length}\r\n"
    )


def is_closed(client: socket.socket) -> bool:
    """Wait until the server closes a connection; False where an answer comes."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def answered(page: Page, connect: Callable[[], socket.socket]) -> bool:
    client = connect()
    client.sendall(request(page))
    return client.recv(65536).startswith(b"HTTP/1.1 200")


CHUNKED = "Transfer-Encoding: chunked"
HALF: dict[str, Callable[[Page], bytes]] = {
    "nothing": lambda page: b"",
    "a part of a line": lambda page: b"GET /api/pro",
    "a line": lambda page: b"GET /api/progress HTTP/1.1\r\n",
    "all but the last line": lambda page: request(page)[:-2],
    "no body": lambda page: request(page, "POST", "/api/undo", decides(page)),
    "half a body": lambda page: request(page, "POST", "/api/undo", decides(page)) + b"{",
    "a part of a body": lambda page: request(page, "POST", "/api/undo", decides(page, CHUNKED)) + b"1\r\n{\r\n",
}


@pytest.mark.parametrize("what", list(HALF))
def test_a_client_that_stays_silent_is_closed(page: Page, impatient: Callable[[], socket.socket], what: str) -> None:
    silent = impatient()
    silent.sendall(HALF[what](page))
    assert is_closed(silent)


def test_a_client_that_says_a_little_from_time_to_time_is_closed(impatient: Callable[[], socket.socket]) -> None:
    slow = impatient()
    slow.settimeout(0.1)
    slow.sendall(b"GET /")
    for _ in range(100):
        try:
            slow.sendall(b"a")
            assert slow.recv(1) == b""
            return
        except TimeoutError:
            continue
        except ConnectionError:
            return
    raise AssertionError("it was never closed")


def test_half_a_request_after_whole_ones_is_closed(page: Page, impatient: Callable[[], socket.socket]) -> None:
    client = impatient()
    for _ in range(2):
        client.sendall(request(page))
        answer = client.recv(65536)
        while not answer.endswith(b"}"):
            answer += client.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200")
    client.sendall(request(page)[:-2])
    assert is_closed(client)


def test_a_client_that_reads_nothing_is_closed(page: Page, impatient: Callable[[], socket.socket]) -> None:
    deaf = impatient()
    asking = request(page, path="/review.js") * 20
    with pytest.raises(ConnectionError):
        any(deaf.sendall(asking) for _ in range(100_000))  # type: ignore[func-returns-value]
    assert answered(page, impatient)


def test_many_that_say_nothing_do_not_stop_the_page(
    page: Page, impatient: Callable[[], socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "REQUEST_SECONDS", 600.0)
    silent = []
    for _ in range(60):
        silent.append(impatient())
        silent[-1].sendall(b"GET / HT")
        assert answered(page, impatient)
    assert [is_closed(each) for each in silent[:35]] == [True] * 35


# --- the command ------------------------------------------------------------------------------------------------------


def started(folder: Path, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "validator", "review", "--no-browser", *arguments],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    return process, process.stdout.readline()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_the_command_serves_the_page_until_it_is_ended(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    at = make_archive(tmp_path / "archive", PLAIN)
    process, line = started(at.archive.root)
    try:
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/open\?token=\S+)  \(Ctrl-C ends it\)\n", line)
        assert found is not None, line
        connection = HTTPConnection("127.0.0.1", int(found[1]), timeout=60)
        connection.request("GET", found[2])
        answer = connection.getresponse()
        answer.read()
        cookie = str(answer.getheader("set-cookie")).partition(";")[0]
        while True:
            connection.request("GET", "/api/queue", headers={"Cookie": cookie})
            said = json.loads(connection.getresponse().read())
            assert said["progress"]["problem"] == ""
            if said["progress"]["complete"]:
                break
            time.sleep(0.02)
        assert said["total"] == 2
        with pytest.raises(OSError):  # noqa: PT011 - this machine's other addresses do not answer
            socket.create_connection(("127.0.0.2", int(found[1])), 5)
        connection.close()
        process.send_signal(sent)
        assert process.wait(60) == code
    finally:
        process.kill()
        out, err = process.communicate()
    assert "Traceback" not in out + err
    if sent is signal.SIGINT:
        assert err.strip() == "ended, with 0 decisions"


def test_no_process_outlives_the_command(tmp_path: Path) -> None:
    """Ended while the search is under way, with workers of its own."""
    at = make_archive(tmp_path / "archive", {f"plain/{number}.txt": TWICE * 20 for number in range(600)})
    process, line = started(at.archive.root)
    process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=60)  # to the end of what the last of them can still say
        assert line.startswith("http://127.0.0.1:")
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_the_command_says_what_is_missing_or_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = make_archive(tmp_path / "archive", PLAIN)
    (tmp_path / "outside.txt").write_text(TWICE)

    def said(*arguments: str) -> tuple[int, str]:
        process, _ = started(at.archive.root, *arguments)
        return process.wait(60), process.communicate()[1]

    code, words = said("../outside.txt")
    assert (code, "lies outside of the archive" in words) == (2, True)
    code, words = said("no-such-file.txt")
    assert (code, "not found" in words) == (2, True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, words = said("--port", str(taken.getsockname()[1]))
        assert (code, "cannot be used" in words) == (2, True)


def test_without_its_libraries_the_command_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from validator.text.errors import ConfigError

    monkeypatch.setattr("validator.cli.commands.review.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=re.escape("pip install 'seed-validator[review]'")):
        command.main([], standalone_mode=False, help_option_names=["-h", "--help"])


# --- the browser that is started --------------------------------------------------------------------------------------

BROWSER = """#!/bin/sh
printf '%s\\n' "$@" > ARGUMENTS.part
mv ARGUMENTS.part ARGUMENTS
exec sleep 60
"""
Browsing = tuple[subprocess.Popen[str], str, list[str]]  # the command, the address it prints, the browser's arguments


@pytest.fixture
def browsing(tmp_path: Path) -> Iterator[Browsing]:
    """The command, with a browser that stays."""
    at = make_archive(tmp_path / "archive", PLAIN)
    script, arguments = tmp_path / "browser", tmp_path / "arguments"
    script.write_text(BROWSER.replace("ARGUMENTS", shlex.quote(str(arguments))))
    script.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", "validator", "review"],
        cwd=at.archive.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "BROWSER": f"{shlex.quote(str(script))} %s"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = process.stdout.readline().partition(" ")[0]
        for _ in range(3000):
            if arguments.exists():
                break
            time.sleep(0.02)
        yield process, address, arguments.read_text().splitlines()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def opening_of(address: str) -> str:
    return address.partition("token=")[2]


def leads_to(path: Path) -> str:
    (address,) = set(re.findall(r'http://127[^"]+', path.read_text()))
    return str(address)


def test_no_token_is_on_a_command_line(browsing: Browsing) -> None:
    process, address, arguments = browsing
    assert len(arguments) == 1
    tokens = [opening_of(address), opening_of(leads_to(Path(unquote(arguments[0].removeprefix("file://")))))]
    assert len({*tokens, ""}) == 3
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            assert not any(token.encode() in each.read_bytes() for token in tokens)
    assert not any(token in argument for token in tokens for argument in arguments)
    assert process.stdout is not None
    assert "open the address above by hand" in process.stdout.readline()


def test_the_file_is_for_this_user_alone_and_leads_to_the_page_once(browsing: Browsing) -> None:
    process, address, (uri,) = browsing
    path = Path(unquote(uri.removeprefix("file://")))
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)] == [0o600, 0o700]
    assert {each.stat().st_uid for each in (path, path.parent)} == {os.getuid()}
    assert opening_of(address) not in path.read_text()
    place = leads_to(path)
    statuses = []
    for _ in range(2):
        connection = HTTPConnection("127.0.0.1", int(address.split(":")[2].partition("/")[0]), timeout=60)
        connection.request("GET", place[place.index("/open") :])
        statuses.append(connection.getresponse().status)
        connection.close()
    assert statuses == [200, 403]
    process.send_signal(signal.SIGINT)
    process.wait(60)
    assert not path.parent.exists()


@pytest.mark.parametrize(("mode", "is_used"), [(0o700, True), (0o755, False), (0o770, False), (None, False)])
def test_where_the_file_is(tmp_path: Path, mode: int | None, is_used: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / "runtime"
    if mode is not None:
        folder.mkdir()
        folder.chmod(mode)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    mask = os.umask(0)
    try:
        with opening_file('http://127.0.0.1:1/open?token=a"&b') as path:
            assert path.parents[1] == (folder if is_used else tmp_path)
            assert [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)] == [0o600, 0o700]
            assert path.read_text().count('token=a&quot;&amp;b"') == 2
        assert not path.parent.exists()
    finally:
        os.umask(mask)


def test_a_browser_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    at = make_archive(tmp_path / "archive", PLAIN)
    process = subprocess.Popen(
        [sys.executable, "-m", "validator", "review"],
        cwd=at.archive.root, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"BROWSER": f"{tmp_path}/no-such-browser %s", "PATH": str(tmp_path)},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(3)]
        assert said[2] == "No browser could be started. Open the address above by hand.\n"
    finally:
        process.kill()
        process.communicate()
