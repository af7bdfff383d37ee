"""The JSON Schema of a front matter: what the values of the seeds have in common, loose enough for the seed that was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from validator.learning.forms import form_of
from validator.sources.json_schema import is_date, is_uri

_CONSTANT, _ENUM, _CLOSED = 5, 8, 20  # from how many seeds on a value is constant, and no other key is expected
_ENUM_MOST = 4


def matter_schema(
    values: Sequence[Mapping[str, Any]], roles: Collection[str], names: str = ""
) -> tuple[dict[str, Any], dict[str, str]]:
    """The schema, and for each key on what it rests. `roles` are keys that hold a value of the record;
    `names` is the one of the byline, which may always be a list.

    Whatever is demanded holds too if any one of the seeds is left out: a key that all have but one is not required, a value,
    a form or a key that only one has does not count as known.
    """
    number = len(values)
    counts = Counter(key for each in values for key in each)
    keys = list(dict.fromkeys(key for each in values for key in each))
    properties, notes = {}, {}
    for key in keys:
        present = [each[key] for each in values if key in each]
        kind = _kind(present, number, key in roles)
        properties[key] = (
            {"type": ["string", "array"]} if key == names and kind.get("type") in ("string", "array") else kind
        )
        notes[key] = f"in {counts[key]} of {number} seeds"
    required = [key for key in keys if counts[key] == number and (number > 1 or key in roles)]
    schema: dict[str, Any] = {"type": "object", "required": required, "properties": properties}
    if number >= _CLOSED and all(count >= 3 for count in counts.values()):
        schema["additionalProperties"] = False
    return schema, notes


def _kind(present: Sequence[Any], number: int, is_role: bool) -> dict[str, Any]:
    if all(isinstance(each, list) and all(isinstance(item, str) for item in each) for each in present):
        return {"type": "array", "items": {"type": "string"}}
    if all(isinstance(each, dict) for each in present):
        return {"type": "object"}
    if any(isinstance(each, list) for each in present) and all(
        isinstance(each, str) or (isinstance(each, list) and all(isinstance(item, str) for item in each))
        for each in present
    ):
        return {"type": ["string", "array"]}
    if not all(isinstance(each, str) for each in present):
        return {}
    texts = [str(each) for each in present]
    schema: dict[str, Any] = {"type": "string"}
    counts = Counter(texts)
    if not is_role and len(texts) == number >= _CONSTANT and len(counts) == 1 and len(texts[0]) <= 60:
        return {"const": texts[0]}
    if not is_role and len(texts) >= _ENUM and len(counts) <= _ENUM_MOST and min(counts.values()) >= 3:
        return {"enum": sorted(counts)}
    if all(map(is_date, texts)):
        return schema | {"format": "date"}
    if all("://" in each and is_uri(each) for each in texts):
        return schema | {"format": "uri"}
    forms = Counter(map(form_of, texts))
    has_form = len(forms) <= 2 and min(forms.values()) >= 3 and all(each[:1].isdigit() for each in texts)
    if has_form:
        said = "|".join(sorted(forms, key=lambda form: (-len(form), form)))
        return schema | {"pattern": f"^(?:{said})$" if len(forms) > 1 else f"^{said}$"}
    return schema | ({"minLength": 1} if is_role and all(each.strip() for each in texts) else {})
