"""For all tests: no example of Hypothesis has a deadline, since a machine that is busy is no defect.

Where CI is set the same examples are tried each time, so that a change is judged by what it changes; by hand they are new ones.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("unhurried", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("unhurried")
