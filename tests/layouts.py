"""Seeds of made-up layouts, from `tables/layouts.yaml`: what each of them says is known."""

from __future__ import annotations

import re
import textwrap
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import yaml

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}
_SPLIT = re.compile(" (?:and|und|y|et|и|en|e) ")


class Known(NamedTuple):
    """A seed and what it says; `byline` are names, `day` is XXXX where no year is written."""

    name: str
    text: str
    headline: str | None
    byline: set[str]
    day: str
    paragraphs: list[str]
    furniture: list[str]


def tables() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "tables" / "layouts.yaml").read_text("utf-8"))
    return found


def seeds_of(layout: dict[str, Any], words: dict[str, Any], days: list[str]) -> list[Known]:
    """The nine seeds of a layout."""
    out = []
    for at, day in enumerate(days):
        when, names = date.fromisoformat(day), words["names"][at]
        month = MONTHS.get(layout["language"], "").split()[when.month - 1 :][:1]
        form = (
            layout["date"].replace("%-d", str(when.day)).replace("%-m", str(when.month)).replace("%B", "".join(month))
        )
        sentences = words["sentences"]
        gap = "" if layout["language"] in ("ja", "zh") else " "
        paragraphs = [
            gap.join(sentences[(at + number + more) % 5] for more in range(3))
            + f"{gap}{words['headlines'][(at + number) % 9]}, {at + 1}{number}."
            for number in range(3)
        ]
        wrapped = [textwrap.fill(each, layout["wrap"]) if "wrap" in layout else each for each in paragraphs]
        text = layout["seed"].replace("{{", "\x01").replace("}}", "\x02")
        text = re.sub(r"\{n\?((?:[^|{}]|\{\w+\}|\x01|\x02)*)\|\}", r"\1" if names else "", text)
        always, headline, other = names or words["names"][0], words["headlines"][at], words["headlines"][(at + 4) % 9]
        values = {
            "h": headline, "H": headline.upper(), "o": other, "n": names, "n_": always, "d": when.strftime(form),
            "i": at * 37 + 11, "j": at, "k": ("Local news", "Country life", "Letters to us")[at % 3],
            "t": words["towns"][at], "T": words["towns"][at].upper(),
            "p": "</p>\n<p>".join(paragraphs) if layout.get("ext") == "html" else "\n\n".join(wrapped),
        }  # fmt: skip
        text = re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), text)  # noqa: B023
        text = text.replace("\x01", "{").replace("\x02", "}")
        said = always if "{n_}" in layout["seed"] and "{n?" not in layout["seed"] else names
        is_wire = "agency" in layout
        out.append(
            Known(
                f"{layout['name'].replace(' ', '-')}/{at + 1:02}.{layout.get('ext', 'txt')}",
                text,
                None if is_wire else headline.upper() if "{H}" in layout["seed"] else headline,
                set() if is_wire or not said else set(_SPLIT.split(said)),
                f"XXXX{day[4:]}" if "%Y" not in layout["date"] else day,
                paragraphs,
                [other] if "{o}" in layout["seed"] else [],
            )
        )
    return out
