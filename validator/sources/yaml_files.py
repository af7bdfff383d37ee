"""YAML files: a source schema, a sidecar. Their values with places, and the errors in words for a curator."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from validator.parsing.located import LIMIT_DEPTH, RefusedError
from validator.text.places import Span, shown

if TYPE_CHECKING:
    from validator.parsing.yaml_spans import Node

# The line that begins a document: other programs write it first. Inside front matter it is not allowed.
_DOCUMENT_START = re.compile(r"\A(?:[ \t]*+(?:#[^\n]*+)?\n)*+---(?=[ \t\n]|\Z)")


class YamlError(ValueError):
    """A text that is not read as YAML; `offset` is the place."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def compose(text: str, what: str, depth: int | None = None) -> Node | None:
    """The mapping in a file's normal text; `None` if there are only comments. `what` names the file in messages.

    Raises YamlError for aliases, anchors, tags, a second document, too many levels, or a key that occurs twice.
    """
    from validator.parsing import yaml_spans

    started = _DOCUMENT_START.match(text)
    blanked = text[: started.end() - 3] + "   " + text[started.end() :] if started else text
    try:
        composed = yaml_spans.compose(blanked, Span(0, len(text)), what, depth or LIMIT_DEPTH)
    except RefusedError as refused:
        raise YamlError(refused.message.replace("this front matter", what), refused.span.start) from None
    for duplicate in composed.duplicates:
        key = shown(text[slice(*duplicate.second)].strip("\"'"), 60)
        raise YamlError(f'key "{key}" occurs twice', duplicate.second.start)
    return composed.root


def find(root: Node, path: Sequence[str | int]) -> tuple[Span, Node]:
    """The key or list entry at the end of a path, and its value; of the nearest one above if it is missing."""
    place, node = root.span, root
    for step in path:
        if node.keys is not None and step in node.keys:
            place, node = node.keys[str(step)], children(node)[str(step)]
        elif node.style == "sequence" and isinstance(step, int) and step < len(node.children):
            node = node.children[step]
            place = node.span
        else:
            break
    return place, node


def children(node: Node) -> dict[str, Node]:
    """The values of a mapping by key."""
    return dict(zip(node.keys or {}, node.children, strict=False))
