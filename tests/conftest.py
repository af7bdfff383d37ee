"""For all tests: no example of Hypothesis has a deadline, since a machine that is busy is no defect."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
