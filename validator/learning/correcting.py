"""A schema corrected by what a curator says of its seeds: "this is the byline", "this is not part of the article".

Only the lines that the correction is about are changed. Examples that were written from the seeds are written anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from validator.learning.aligning import Aligner
from validator.learning.examples import NAMES, examples_in
from validator.learning.pointed import FURNITURE, POINTED_AT, Pointed, furniture_for, places_in, point
from validator.learning.samples import Sample
from validator.sources.model import Source, Sources
from validator.sources.schema_editing import (
    flow,
    quoted,
    with_entry,
    with_value,
    without_comment,
    without_entry,
)
from validator.text.errors import ConfigError
from validator.text.places import fold_whitespace, plural, shown

_ENOUGH_BYLINES = 10
MISSED = ("headline", "byline", "date_published", "source_url")
"""The fields that every seed should have, unless its schema says otherwise."""


def severity_of(field: str, found: int, seeds: int) -> str | None:
    """How serious it is if a field is missing, by how many of the seeds have it; `None` if all have it: then it is an error."""
    enough = max(seeds, _ENOUGH_BYLINES) if field == "byline" else seeds
    return "optional" if not found else "warning" if found < enough else None


@dataclass(frozen=True)
class Corrector:
    """Corrects the schema of a source. `read` gives the source that a schema's text describes, and raises ConfigError."""

    samples: Sequence[Sample]
    sources: Sources
    read: Callable[[str], Source]

    def pointed(self, schema: str, pointed: Pointed, earlier: Sequence[Pointed] = ()) -> str:
        """The schema with the place of what is pointed at. What was pointed at `earlier` stays right. Raises ConfigError."""
        source = self.read(schema)
        aligner = Aligner(self.samples, source)
        if pointed.field == FURNITURE:
            numbers = [int(each.name.removeprefix(POINTED_AT)) for each in source.residues if _is_pointed_at(each.name)]
            found = furniture_for(pointed, aligner, max(numbers, default=0) + 1)
            comment = f"pointed at; {self._of(found.seeds)}"
            return self._finished(_edited(lambda: with_entry(schema, "residue", found.entry, comment)))
        field = pointed.field
        aligner.found[field] = places_in(aligner, field)
        point(aligner, pointed, earlier)
        read = aligner.read(field, aligner.source().places[field])
        number = sum(values is not None for values, _ in read)
        lines = [
            f"  {field}:    # pointed at; {self._of(number)}",
            *(f"    - {flow(each.entry)}" for each in aligner.found[field]),
        ]
        schema = self._placed(schema, field, "\n".join([*lines, ""]))
        return self._finished(self._required(schema, field, severity_of(field, number, len(self.samples))))

    def absent(self, schema: str, field: str) -> str:
        """The schema of seeds that have no such field. Raises ConfigError."""
        inherits = field in self.read(self._placed(schema, field, None)).places
        lines = f"  {field}: []    # the seeds have none\n" if inherits else None
        placed = self._placed(schema, field, lines)
        return self._finished(self._required(placed, field, "optional") if field in MISSED else placed)

    def article(self, schema: str, name: str) -> str:
        """The schema without an entry of its own furniture: that is part of the article after all. Raises ConfigError."""
        names = [each.get("name") for each in _own(schema, "residue")]
        if name not in names:
            raise ConfigError(f'the schema itself has no furniture called "{shown(name)}"')
        return self._finished(_edited(lambda: without_entry(schema, "residue", names.index(name))))

    def titled(self, schema: str, title: str) -> str:
        """The schema with a title. Raises ConfigError."""
        said = fold_whitespace(title)
        if not said:
            raise ConfigError("a title has at least one word")
        return _edited(lambda: with_value(schema, ("title",), f"title: {quoted(said)}\n"))

    def _of(self, number: int) -> str:
        return f"found in {number} of {plural(len(self.samples), 'seed')}"

    def _placed(self, schema: str, field: str, lines: str | None) -> str:
        bare = without_comment(schema, field)
        if lines is not None:
            bare = re.sub(r"^# record:\n", "", bare, flags=re.MULTILINE)
        return _edited(lambda: with_value(bare, ("record", field), lines))

    def _required(self, schema: str, field: str, severity: str | None) -> str:
        """The schema in which a field is required in this degree; all else that is required stays as it is."""
        required = _own_required(schema)
        inherited = self.read(schema).required.get(field)
        if severity == required.get(field) or (field not in required and severity != "optional" and inherited is None):
            return schema
        required.pop(field, None)
        if severity is not None:
            required[field] = severity
        lines = (
            f"  required: {flow(required)}    # not in all seeds, or the seeds are too few to say\n"
            if required
            else None
        )
        return _edited(lambda: with_value(schema, ("record", "required"), lines))

    def _finished(self, schema: str) -> str:
        """The schema with new examples, if those that it has were written from seeds. Raises ConfigError if it is not valid."""
        source = self.read(schema)
        names = {str(each.get("name")) for each in _own(schema, "examples")}
        if not names <= set(NAMES):
            return schema
        bare = _edited(lambda: with_value(schema, ("examples",), None))
        lines = examples_in(source, self.samples, self.sources)
        finished = f"{bare.rstrip()}\n{lines}"
        self.read(finished)
        return finished


def _is_pointed_at(name: str) -> bool:
    return name.startswith(POINTED_AT) and name.removeprefix(POINTED_AT).isdecimal()


def _own(schema: str, name: str) -> list[dict[str, str]]:
    """The entries of a list at the top of a schema, without those that it inherits."""
    found = _content(schema).get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _own_required(schema: str) -> dict[str, str]:
    record = _content(schema).get("record")
    required = record.get("required") if isinstance(record, dict) else None
    return dict(required) if isinstance(required, dict) else {}


def _content(schema: str) -> dict[str, object]:
    from validator.sources.yaml_files import compose

    root = compose(schema, "this schema")
    found: dict[str, object] = root.value if root is not None else {}
    return found


def _edited(edit: Callable[[], str]) -> str:
    try:
        return edit()
    except ValueError as error:
        raise ConfigError(str(error)) from None
