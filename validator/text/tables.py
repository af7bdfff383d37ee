"""The tables and JSON Schemas that come with the program."""

from __future__ import annotations

import json
from functools import cache
from typing import Any


@cache
def table(package: str, name: str) -> Any:
    """The content of a JSON file in a package of the program: `table("validator.parsing", "signatures.json")`."""
    import pkgutil

    content = pkgutil.get_data(package, name)
    assert content is not None
    return json.loads(content)


@cache
def own_schema(name: str) -> str:
    """The text of a JSON Schema that comes with the program: inside the package if it is installed, else beside it."""
    import pkgutil

    try:
        content = pkgutil.get_data("validator", f"_schemas/{name}")
    except OSError:
        content = pkgutil.get_data("validator", f"../schemas/{name}")
    assert content is not None
    return content.decode()
