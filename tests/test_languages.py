"""Recoding by the letters of a language: nothing wrongly, and what is declared rightly. All: `benchmarks/languages.py`."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.encoding import is_recoded, repaired_as
from benchmarks.languages import ENCODINGS, Case, names, problems, run_case, text_in
from validator.parsing.decoding import decode, decode_declared
from validator.text.languages import language_of_text, primary, uses_no_break_spaces
from validator.text.letters import Readings, rivals

TONGUES = sorted({tongue for tongues in ENCODINGS.values() for tongue in tongues.split()})


def _case(tongue: str, encoding: str, legacy: tuple[str, ...], language: str | None) -> Case:
    from random import Random

    text = text_in(tongue, encoding, 600, Random(f"{tongue} {encoding}"))
    is_right = encoding in legacy
    declaration = "wrong" if not is_right else "right" if len(legacy) == 1 else "right and another"
    return Case(
        tongue, encoding, "whole", declaration, legacy, "right" if language == tongue else "none", language, text
    )


def test_there_are_texts_in_many_languages() -> None:
    assert len(TONGUES) >= 25
    assert set(TONGUES) <= names().keys()


@pytest.fixture(scope="module")
def rightly_declared() -> list[Any]:
    return [
        run_case(_case(tongue, encoding, (encoding,), tongue))
        for encoding, tongues in ENCODINGS.items()
        for tongue in tongues.split()
    ]


def test_what_is_declared_rightly_is_converted(rightly_declared: list[Any]) -> None:
    assert problems(rightly_declared) == []


@pytest.mark.parametrize("tongue", TONGUES)
def test_no_wrong_declaration_is_followed(tongue: str) -> None:
    own = [encoding for encoding, tongues in ENCODINGS.items() if tongue in tongues.split()]
    wrong = [name for name in ("cp1252", "cp1257", "cp1250", "iso-8859-15", "gb18030", "koi8-r") if name not in own]
    for language in (tongue, "en", None):
        for declared in wrong[:3]:
            outcome = run_case(_case(tongue, own[0], (declared,), language))
            assert outcome.result != "wrong", outcome


@pytest.mark.parametrize(
    "text",
    [
        "The tower cost £10.6m, and the council’s plan is for £2.1bn.\n",
        "Prices rose by £5 – or 4½% – at the café, “far more” than in 2019.\n",
        "Room 7: 20 °C, § 4, © 2021, ±3.\n",
        "A naïve reader’s façade…\n",
    ],
)
def test_signs_of_money_and_print_are_no_ground_for_doubt(text: str) -> None:
    assert run_case(Case("en", "cp1252", "whole", "right", ("cp1252",), "right", "en", text)).result == "right"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ticket costs €5, or €50 a year.\n", "en"),
        ("Le cœur de la ville, sœur et œuvre.\n", "fr"),
        ("Une œuvre à Škoda et à Žilina.\n", "fr"),
        ("Õhtul oli šokk ja žanr: šaakal.\n", "et"),
        ("Il a l’Ÿ.\n".replace("’", "'"), "fr"),
    ],
)
def test_iso_8859_15_is_not_taken_for_windows_1252(text: str, language: str) -> None:
    for named in (language, "en", None):
        outcome = run_case(Case(language, "iso-8859-15", "whole", "wrong", ("cp1252",), "right", named, text * 9))
        assert outcome.result == "left", outcome


_ENGLISH = (
    "The council’s plan for the bridge is late, and nobody at the station knew of it. Local residents have asked for a "
    "meeting in May. “It is too early to tell,” a spokesman for {} said on Tuesday. The court will hear the case next "
    "year, when the second part of the report is due; the first part cost £5,000.\n"
)


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1250", "Kovačić"),
        ("cp1250", "Dvořák and Kovačić"),
        ("cp1250", "the Băsescu family"),
        ("cp1250", "Michał Nowak"),
        ("cp1250", "Gdańsk"),
        ("cp1250", "Maďarsko"),
        ("cp1257", "Rēzekne, Liepāja"),
        ("cp1257", "Klaipėda"),
        ("cp1257", "Klaipėda and Rēzekne"),
        ("cp1251", "Москва"),
        ("cp1253", "και"),
        ("cp1255", "שלום"),
    ],
)
def test_names_in_english_in_another_encoding_are_not_read_in_the_declared_one(encoding: str, names: str) -> None:
    text = _ENGLISH.format(names).replace("£", "$")
    for declared in ("cp1252", "iso-8859-15", "cp1254"):
        outcome = run_case(Case("en", encoding, "whole", "wrong", (declared,), "right", "en", text))
        assert outcome.result == "left", outcome


@pytest.mark.parametrize(
    "names",
    [
        "the naïve mayor",
        "São Paulo",
        "the Côte d’Azur",
        "Søren Jørgensen",
        "José",
        "Zürich",
        "El Niño",
        "the Brontë sisters",
        "a pool of 50 m³",
        "Curaçao and Réunion",
        "nobody",
    ],
)
def test_names_in_english_in_the_declared_encoding_are_read_in_it(names: str) -> None:
    outcome = run_case(Case("en", "cp1252", "whole", "right", ("cp1252",), "right", "en", _ENGLISH.format(names)))
    assert outcome.result == "right", outcome


@pytest.mark.parametrize("declared", ["cp1252", "iso-8859-15", "cp1254"])
@pytest.mark.parametrize(
    "text",
    [
        "Kolínčina, uríjčina (sicílčina). Kreolčina, Maďarsko; eurozóna.\n",  # Slovak
        "Kineski, arapski, grčki; čadski, američki, češki.\n",  # Croatian
        "Bengaleză, uzbecă, persană, daneză, norvegiană.\n",  # Romanian
        "Węgry, Meksyk, Australia, Belgia, Węgry.\n",  # Polish
        "Mađarska, Češka, Kanada.\n",
        "Čile, Češko, Řecko.\n",  # Czech
    ],
)
def test_text_that_is_wrongly_called_english_is_not_read_in_a_western_encoding(text: str, declared: str) -> None:
    outcome = run_case(Case("sk", "cp1250", "100", "wrong", (declared,), "en", "en", text))
    assert outcome.result == "left", outcome


# "A paragraph about itself" in EUC-TW, which Python has no codec for.
EUC_TW = bytes.fromhex(
    "ddd5c4a1d1f4c5c6c7f3eba9cdfcc8dcc4d7d1d2d1abedb5cff1c7f4cefba1a2c7dec8bacae4d4b6c7f3dde7f3dce5b5d4cf"
    "edb5d6e7c4b6a1a2c8fed1d2caf4c8b4c4a9fbf4e7b4c6c6a1a4d3d7ddcae0c1e6dccefbeebef2d2d1bae4f9ddbdccf9cac4"
    "c6bbe6c0cdf3c7e3c8e7c6dda1a2cbe4c5e2eef9fbf4cfafc4e2d3d1e5b5d6f8a1a2ddd5ead8e4bbeacce0d2f9c3a1a2c8d4"
    "c5e2d3eceeefc4a7cca5e7b5a1a40a"
)


@pytest.mark.parametrize("language", ["zh", "zh-Hant", "ja", "en", None])
@pytest.mark.parametrize("declared", ["gb18030", "big5", "euc-jp", "cp949"])
def test_an_encoding_without_a_codec_is_not_taken_for_another(declared: str, language: str | None) -> None:
    assert not is_recoded(repaired_as(EUC_TW, (declared,), language))


def test_a_short_text_is_read_as_its_source_declares() -> None:
    data = "Café.\n".encode("cp1252")
    assert decode(data).encoding is None
    assert decode_declared(data, decode(data), ("cp1252",), ("fr",)).text == "Café.\n"
    assert decode_declared(data, decode(data), (), ()).encoding is None


def test_damaged_utf8_is_not_read_as_a_declared_encoding() -> None:
    data = ("Une école à côté, déjà là." * 5).encode() + b"\xc3.\n"
    assert decode_declared(data, decode(data), ("cp1252",), ("fr",)).encoding is None


def test_the_likely_encodings_are_shown_best_first() -> None:
    data = "A sample’s paragraph is here — it has a dash.\n".encode().replace(b"\xe2\x80\x94", b"\xa1X")
    data = data.replace(b"\xe2\x80\x99", b"\xa1\xa6")
    found = rivals(Readings(data), "iso8859-15", (), ())
    assert found[0].encoding == "cp950"
    assert decode(data).encoding in (None, "cp950")


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("fr-CA", "fr"),
        ("fr_FR.UTF-8", "fr"),
        ("FRA", "fr"),
        ("Français", "fr"),
        ("zh-Hant", "zh"),
        ("", ""),
        ("12", "12"),
    ],
)
def test_the_language_of_a_name(name: str, language: str) -> None:
    assert primary(name) == language


def test_what_is_known_of_no_break_spaces() -> None:
    assert uses_no_break_spaces(["en", "fr"]) is True
    assert uses_no_break_spaces(["en", "ja"]) is False
    assert uses_no_break_spaces(["en", "sw"]) is None
    assert uses_no_break_spaces([]) is None


LANGUAGES_OF_TEXTS = [
    ("The council of the town has not said when it will be done, and that is all there is to say of it now.", "en"),
    (
        "Der Rat der Stadt hat nicht gesagt, wann es so weit ist, und das ist auch schon alles, was man von ihm weiß.",
        "de",
    ),
    (
        "El consejo de la ciudad no ha dicho cuándo se hará, y eso es todo lo que se puede decir de ello por ahora.",
        "es",
    ),
    (
        "Rada miasta nie powiedziała, kiedy to się stanie, i to jest wszystko, co na ten temat wiadomo do tej pory.",
        "pl",
    ),
    (
        "המועצה של העיר לא אמרה מתי זה יקרה, אבל זה כל מה שיש לומר על זה כרגע, כי גם היא לא יודעת את זה עם כל הרצון.",
        "he",
    ),
    ("शहर की परिषद ने यह नहीं कहा कि यह कब होगा और इस पर अभी के लिए यही कहा जा सकता है कि यह एक दिन में नहीं होगा।", "hi"),
    ("町の議会はいつ行うかを述べていません。今のところ、これ以上言えることはありません。", "ja"),
    ("시의회는 언제 할 것인지 말하지 않았으며 지금으로서는 그것이 전부이다.", "ko"),
    ("市议会没有说什么时候会做，目前能说的就是这些。", "zh"),
    (
        "Lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod tempor incididunt labore magna aliqua enim.",
        None,
    ),
    ("Two words", None),
    ("12 34 56", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "language"), LANGUAGES_OF_TEXTS)
def test_the_language_of_a_text(text: str, language: str | None) -> None:
    assert language_of_text(text) == language
