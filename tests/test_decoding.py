"""Decoding: what each step answers, what is refused, and how often detection is right on prose made up for it."""

from __future__ import annotations

import codecs
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validator.parsing.decoding import Decoded, decode, encodes_back, is_same_encoding

CHINESE = (
    "本报讯　这一段文字只是为了检验编码而写，没有任何真实的人物或事件。清晨走过河边的老街，店铺陆续开门，空气里有新鲜面包的香味。"
    "天气预报说今天会下雨，但是到了中午，阳光依然很好。市场里的蔬菜摆得整整齐齐，孩子们背着书包去学校。\n"
    "第二段接着写下去，仍旧是说明文字：这篇稿件经过两次校对以后存入档案。日期、作者和来源必须写清楚，否则以后无法判断哪一篇可信。"
    "“这是引语，”这里写道，“只用来测试引号。”旧报纸的扫描件常常缺少一行，读者只好自己猜测。\n"
    "第三段谈到经济与交通：公共汽车运送的乘客比前年增长百分之五；铁路计划明年增加班次，港口的吞吐量也有所提高。"
    "这里建议继续改善道路，减少等待时间，让居民出行更加方便。最后通过了三项决定，并且要求在月底以前提交报告。\n"
)
TRADITIONAL = (
    "本報訊　這一段文字只是為了檢驗編碼而寫，沒有任何真實的人物或事件。清晨走過河邊的老街，店鋪陸續開門，空氣裡有新鮮麵包的香味。"
    "天氣預報說今天會下雨，但是到了中午，陽光依然很好。市場裡的蔬菜擺得整整齊齊，孩子們背著書包去學校。\n"
    "第二段接著寫下去，仍舊是說明文字：這篇稿件經過兩次校對以後存入檔案。日期、作者和來源必須寫清楚，否則以後無法判斷哪一篇可信。"
    "「這是引語，」這裡寫道，「只用來測試引號。」舊報紙的掃描件常常缺少一行，讀者只好自己猜測。\n"
)
JAPANESE = (
    "この文章は符号化を調べるためだけに書かれたもので、実在の人物や出来事とは関係がありません。朝の川沿いの通りを歩くと、店が次々に開き、"
    "焼きたてのパンの香りが漂っていました。予報では雨になると言われていましたが、昼になっても晴れたままでした。\n"
    "第二段落もやはり説明のための文章です。日付と著者と出典を明記しなければ、後の研究者はどの記事を信じてよいか判断できません。"
    "「これは引用です」とここに書かれています。「引用符を試すためのものです」。\n"
)
KOREAN = (
    "이 글은 문자 부호화를 시험하려고 지어낸 것이며 실제 인물이나 사건과는 관계가 없습니다. 아침에 강가의 거리를 걸으면 "
    "가게들이 차례로 문을 열고 갓 구운 빵 냄새가 납니다. 예보는 오늘 비가 온다고 했지만 낮이 되어도 햇볕이 좋았습니다.\n"
    "둘째 단락도 설명을 위한 글입니다. 날짜와 글쓴이와 출처를 분명히 적어야 나중에 어느 기사를 믿을지 알 수 있습니다.\n"
    "셋째 단락은 교통을 다룹니다. 버스를 탄 사람은 전해보다 늘었고, 기다리는 시간을 줄이자는 제안이 나왔습니다.\n"
)
RUSSIAN = (
    "Этот текст написан только для проверки кодировки и не связан с настоящими людьми или событиями. Утром на старой улице у "
    "реки открываются лавки, и в воздухе пахнет свежим хлебом. Обещали дождь, но к полудню солнце всё ещё светило ярко.\n"
    "Второй абзац тоже служит пояснением. Дата, автор и источник должны быть указаны ясно, иначе нельзя решить, какой статье "
    "верить. «Это цитата, — написано здесь, — она нужна лишь для проверки кавычек».\n"
)
FRENCH = (
    "Ce texte n’a été écrit que pour éprouver le codage ; il n’a rien à voir avec des personnes ou des événements réels. Le "
    "matin, dans la vieille rue près de la rivière, les boutiques ouvrent l’une après l’autre et l’air sent le pain frais.\n"
    "Le deuxième paragraphe sert lui aussi d’explication. La date, l’auteur et la source doivent être indiqués clairement ; "
    "sinon, nul ne saura à quel article se fier. « C’est une citation, est-il écrit, elle n’éprouve que les guillemets. »\n"
)
PLAIN_RUSSIAN = RUSSIAN.translate({ord("«"): '"', ord("»"): '"', ord("—"): "-"})  # what the older code pages have
ENGLISH = (
    "This text was written only to try the encoding; it has nothing to do with real people or events. In the morning the "
    "shops along the old street open one after another – six of them – and the air smells of fresh bread.\n"
    "The second paragraph also explains itself. “This is a quotation,” it says, “which only tests the quotation marks.” The "
    "date, the author’s name and the source must be clear, or nobody can later tell which article to trust.\n"
)
POLISH = (
    "Ten tekst napisano tylko po to, żeby sprawdzić kodowanie; nie ma nic wspólnego z prawdziwymi ludźmi ani zdarzeniami. "
    "Rano na starej ulicy nad rzeką otwierają się sklepy, a powietrze pachnie świeżym chlebem. Drugi akapit także służy "
    "objaśnieniu: datę, autora i źródło należy podać jasno, bo inaczej nikt nie rozstrzygnie, któremu artykułowi wierzyć.\n"
)

WRITTEN = [
    ("gb18030", CHINESE, "gb18030"),
    ("gbk", CHINESE, "gb18030"),
    ("gb2312", CHINESE, "gb18030"),
    ("big5", TRADITIONAL, "cp950"),
    ("cp932", JAPANESE, "cp932"),
    ("euc_jp", JAPANESE, "euc_jp"),
    ("euc_kr", KOREAN, "euc_kr"),
    ("windows-1251", RUSSIAN, "windows-1251"),
    ("koi8-r", PLAIN_RUSSIAN, "koi8-r"),
    ("iso8859-5", PLAIN_RUSSIAN, "iso8859-5"),
    ("cp866", PLAIN_RUSSIAN, "cp866"),
    ("windows-1252", FRENCH, "windows-1252"),
    ("windows-1252", ENGLISH, "windows-1252"),
    ("windows-1250", POLISH, "windows-1250"),
]
MARKED = [
    ("utf-8", codecs.BOM_UTF8),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
    ("utf-32-le", codecs.BOM_UTF32_LE),
    ("utf-32-be", codecs.BOM_UTF32_BE),
]
WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


def is_refused(decoded: Decoded) -> bool:
    return decoded.encoding is None and decoded.basis == "none" and not decoded.text and bool(decoded.problem)


def test_utf_8_is_taken_as_it_is() -> None:
    assert decode((CHINESE + FRENCH + "😀").encode()) == Decoded(CHINESE + FRENCH + "😀", "utf-8", "strict")
    assert decode(b"") == Decoded("", "utf-8", "strict")


@pytest.mark.parametrize(("encoding", "mark"), MARKED)
def test_a_byte_order_mark_decides(encoding: str, mark: bytes) -> None:
    decoded = decode(mark + "编辑 é 😀\n".encode(encoding))
    assert (decoded.text, decoded.encoding, decoded.basis) == ("\ufeff编辑 é 😀\n", encoding, "bom")
    assert decoded.mark
    assert decoded.invalid_at == {"utf-8": None, "utf-32-be": 2}.get(encoding, 0)


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (codecs.BOM_UTF8 + b"caf\xe9 au lait", "6"),
        (codecs.BOM_UTF16_LE + b"a\0b\0c", "6"),
        (codecs.BOM_UTF16_BE + b"\xd8\x00\0a", "2"),
        (codecs.BOM_UTF32_LE + b"\0\0\0\x7f", "4"),
    ],
)
def test_a_mark_that_the_bytes_belie_is_a_problem(data: bytes, offset: str) -> None:
    decoded = decode(data)
    assert is_refused(decoded)
    assert decoded.mark
    assert f"offset {offset} " in decoded.problem


@pytest.mark.parametrize(("written", "text", "expected"), WRITTEN)
def test_whole_articles_are_detected(written: str, text: str, expected: str) -> None:
    data = text.encode(written)
    decoded = decode(data)
    assert (decoded.text, decoded.encoding, decoded.basis) == (text, expected, "detected")
    assert decoded.confidence is not None
    assert 0.1 < decoded.confidence <= 1
    assert decoded.invalid_at is not None
    data[: decoded.invalid_at].decode()
    assert encodes_back(decoded, data)


@pytest.mark.parametrize(("characters", "right_at_least", "refused_at_most"), [(200, 1.0, 0.0), (60, 0.97, 0.05)])
def test_accuracy_on_pieces(characters: int, right_at_least: float, refused_at_most: float) -> None:
    wrong = refused = pieces = 0
    for written, text, _ in WRITTEN:
        for start in range(0, len(text) - characters + 1, 11):
            piece = text[start : start + characters]
            data = piece.encode(written)
            decoded = decode(data)
            if decoded.basis == "strict":
                assert data.isascii()
                continue
            pieces += 1
            refused += decoded.encoding is None
            wrong += decoded.encoding is not None and decoded.text != piece
    assert pieces > 150
    assert wrong <= (1 - right_at_least) * pieces
    assert refused <= refused_at_most * pieces


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("text", [CHINESE, JAPANESE, KOREAN, RUSSIAN, FRENCH, ENGLISH])
def test_utf_16_and_utf_32_without_a_mark(encoding: str, text: str) -> None:
    for piece in (text, text[:60]):
        decoded = decode(piece.encode(encoding))
        assert (decoded.text, decoded.encoding, decoded.basis, decoded.mark) == (piece, encoding, "detected", False)


def test_wide_text_that_is_valid_utf_8_is_marked_at_its_first_nul() -> None:
    assert decode("plain".encode("utf-16-le")).invalid_at == 1
    assert decode("plain".encode("utf-16-be")).invalid_at == 0


@pytest.mark.parametrize("encoding", WIDE)
def test_wide_text_that_is_cut_off_is_refused(encoding: str) -> None:
    decoded = decode(("It was cut off. " * 3).encode(encoding)[:-1])
    assert is_refused(decoded)
    assert encoding in decoded.problem


@pytest.mark.parametrize(
    "data",
    [
        b"abc\0defg",
        b"One NUL\0 stands in this line of ordinary text.\n",
        b"The tail of this file was never written.\n" * 10 + bytes(512),
        b"name\0value\0" * 20,
        b"abc\0abd\0" * 10,  # U+6261, "c", U+6261, "d": usual letters all, if it were UTF-16
        "Ein NUL\0 steht in dieser Zeile, übrigens.\n".encode(),
        bytes(100),
    ],
)
def test_nul_bytes_in_utf_8_stay_what_they_are(data: bytes) -> None:
    assert decode(data) == Decoded(data.decode(), "utf-8", "strict")


@pytest.mark.parametrize("text", [CHINESE, FRENCH, ENGLISH, RUSSIAN, "Only the last dash of this line is cut —"])
def test_broken_utf_8_is_not_taken_for_another_encoding(text: str) -> None:
    whole = text.rstrip().encode() + "…".encode()
    cut = whole[:-1]
    decoded = decode(cut)
    assert is_refused(decoded)
    assert decoded.problem.startswith("broken utf-8: 1 of ")
    assert decoded.invalid_at == len(cut) - 2


def test_few_sequences_and_one_of_them_broken() -> None:
    assert decode("Two dashes – or three – and a caf".encode() + b"\xc3 at the end").problem.startswith("broken utf-8")


def test_one_broken_sequence_in_the_middle() -> None:
    data = CHINESE.encode() + b"\xe4\xb8 " + CHINESE.encode()
    decoded = decode(data)
    assert is_refused(decoded)
    assert decoded.invalid_at == len(CHINESE.encode())
    assert "0xE4 0xB8" in decoded.problem


def test_an_ascii_text_cut_off_in_its_only_dash() -> None:
    assert decode(b"The rest of this line is missing \xe2\x80").problem.startswith("broken utf-8")


def test_two_encodings_in_one_file_are_refused() -> None:
    assert is_refused(decode(FRENCH.encode() + (FRENCH * 3).encode("windows-1252")))
    assert is_refused(decode(CHINESE.encode() + FRENCH.encode("windows-1252")))


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)),
        b"\x1f\x8b\x08\0" + random.Random(7).randbytes(3000),
        random.Random(7).randbytes(500),
        bytes(random.Random(7).choices(range(0x80, 0x100), k=500)),
        b"caf\xe9",
    ],
)
def test_what_is_no_text_or_tells_too_little_is_refused(data: bytes) -> None:
    decoded = decode(data)
    assert is_refused(decoded)
    assert "\n" not in decoded.problem
    assert decoded.problem == decoded.problem[:1].lower() + decoded.problem[1:]


def test_a_legacy_text_cut_off_within_a_character_is_refused() -> None:
    assert is_refused(decode(CHINESE.rstrip().encode("gb18030")[:-1]))


def test_a_character_deep_in_a_long_plain_text_is_found() -> None:
    plain = "plain words\n" * 200_000
    decoded = decode((plain + FRENCH).encode("windows-1252"))
    assert decoded.encoding == "windows-1252"
    assert decoded.text == plain + FRENCH
    assert decoded.invalid_at is not None
    assert decoded.invalid_at > len(plain)


@pytest.mark.parametrize(
    ("written", "text"), [("gb18030", CHINESE), ("cp932", JAPANESE), ("windows-1251", RUSSIAN), ("utf-16-be", CHINESE)]
)
@pytest.mark.parametrize("in_one_line", [True, False])
def test_long_texts(written: str, text: str, in_one_line: bool) -> None:
    long = (text.replace("\n", "") if in_one_line else text) * (2_000_000 // len(text))
    decoded = decode(long.encode(written))
    assert decoded.encoding == written
    assert decoded.text == long


@pytest.mark.parametrize(
    ("named", "confidence", "data", "expected"),
    [
        ("gb2312", 0.9, CHINESE.encode("gb2312"), "gb18030"),
        ("big5hkscs", 0.9, TRADITIONAL.encode("big5"), "cp950"),
        ("big5hkscs", 0.9, "㗎這個字在香港增補字符集裡".encode("big5hkscs"), "big5hkscs"),
        ("cp949", 0.9, KOREAN.encode("euc_kr"), "euc_kr"),
        ("cp949", 0.9, "똠방각하".encode("cp949"), "cp949"),
        ("shift_jis_2004", 0.9, (JAPANESE + "C:\\").encode("cp932"), "cp932"),
        ("euc_jis_2004", 0.9, JAPANESE.encode("euc_jp"), "euc_jp"),
        ("iso8859-1", 0.9, FRENCH.encode("windows-1252"), "windows-1252"),
        ("iso8859-1", 0.9, b"caf\xe9 \x81 au lait", None),  # U+0081 is no text, and windows-1252 has no such byte
        ("iso8859-5", 0.9, PLAIN_RUSSIAN.encode("iso8859-5"), "iso8859-5"),
        ("cp1252", 0.2, FRENCH.encode("windows-1252"), "windows-1252"),
        ("mac-roman", 0.2, FRENCH.encode("windows-1252"), None),
        ("cp1252", 0.1, FRENCH.encode("windows-1252"), None),
        ("utf-16", 0.9, FRENCH.encode("windows-1252"), None),
        ("no such codec", 0.9, FRENCH.encode("windows-1252"), None),
        (None, 0.95, FRENCH.encode("windows-1252"), None),
    ],
)
def test_what_becomes_of_a_name_that_the_detector_gives(
    named: str | None, confidence: float, data: bytes, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "validator.parsing.decoding._detect", lambda data, invalid_at: (named, confidence, "text/plain")
    )
    decoded = decode(data)
    assert decoded.encoding == expected
    assert is_refused(decoded) if expected is None else encodes_back(decoded, data)


def test_shift_jis_keeps_its_backslash() -> None:
    decoded = decode((JAPANESE + "C:\\~\n").encode("cp932"))
    assert decoded.text.endswith("C:\\~\n")


def test_a_mark_in_a_detected_encoding_is_one_too() -> None:
    assert decode(("\ufeff" + CHINESE).encode("gb18030")).mark


def test_encodes_back() -> None:
    assert encodes_back(decode(b"plain"), b"plain")
    assert not encodes_back(decode(b"plain"), b"plain ")
    assert not encodes_back(Decoded("é", "ascii", "strict"), b"\xc3\xa9")
    assert not encodes_back(decode(b"caf\xe9"), b"caf\xe9")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("GBK", "gb18030", True),
        ("gb2312", "gb18030", True),
        ("EUC-KR", "cp949", True),
        ("Shift_JIS", "cp932", True),
        ("iso-8859-1", "windows-1252", True),
        ("UTF-8", "utf8", True),
        ("big5", "gb18030", False),
        ("windows-1251", "iso8859-5", False),
        ("utf-16-le", "utf-16-be", False),
        ("utf-16", "utf-16-be", True),
        ("utf-32", "utf-16-le", False),
        ("Big5", "cp950", True),
        ("no such", "no such", False),
        ("a\0b", "utf-8", False),
    ],
)
def test_names_of_one_encoding(one: str, other: str, same: bool) -> None:
    assert is_same_encoding(one, other) is same
    assert is_same_encoding(other, one) is same


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(codecs.BOM_UTF16_LE)
@example(codecs.BOM_UTF16_LE + b"\0")
@example(codecs.BOM_UTF32_LE[:3])
@example(b"\xff\xfe\0")
@example(b"a\0" * 5 + b"\0\xd8")
def test_any_bytes_give_a_text_that_encodes_back_or_a_problem(data: bytes) -> None:
    decoded = decode(data)
    if decoded.encoding is None:
        assert is_refused(decoded)
    else:
        assert not decoded.problem
        assert encodes_back(decoded, data)
        assert decoded.mark == decoded.text.startswith("\ufeff")
        assert codecs.lookup(decoded.encoding)
        assert not "".encode(decoded.encoding)  # writes no mark of its own
    if decoded.invalid_at is not None:
        data[: decoded.invalid_at].decode()
    assert (decoded.basis == "detected") <= (decoded.invalid_at is not None)
