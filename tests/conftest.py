"""For all tests: one browser; and no example of Hypothesis has a deadline, since a machine that is busy is no defect.

The user's cache is one of the tests' own: no test reads what another state of the program has kept, or leaves anything there.
Where CI is set the same examples are tried each time, so that a change is judged by what it changes; by hand they are new ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from browser import opened_browser
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("unhurried", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("unhurried")

_cache = TemporaryDirectory(prefix="validator-tests-")
os.environ["XDG_CACHE_HOME"] = _cache.name


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless browser for all tests that need one; each opens a page of its own in it."""
    with opened_browser() as opened:
        yield opened
