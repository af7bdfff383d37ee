"""The tables that come with the program, as JSON files beside the modules that read them."""

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
