"""Time zones as dates give them: offsets, and abbreviations with one meaning alone."""

from __future__ import annotations

import re

from validator.text.patterns import late

# CST is China's too, IST is India's, Ireland's and Israel's, BST is Britain's and Bangladesh's: such are not here. MSK neither:
# Moscow has changed its offset.
NAMES = {
    "UTC": "Z", "GMT": "Z", "EST": "-05:00", "EDT": "-04:00", "MDT": "-06:00", "PDT": "-07:00",
}  # fmt: skip
MORE_NAMES = {
    "CET": "+01:00", "MEZ": "+01:00", "CEST": "+02:00", "MESZ": "+02:00", "EET": "+02:00", "EEST": "+03:00", "JST": "+09:00",
    "KST": "+09:00", "HKT": "+08:00", "WIB": "+07:00", "WITA": "+08:00", "WIT": "+09:00", "NZDT": "+13:00",
}  # fmt: skip
_WIDEST_HOURS = 14  # no zone is farther from Greenwich, to the east or to the west
_OFFSET = late(r"(?:(?P<zero>GMT|UTC) ?)?(?P<sign>[+\u2212-])(?P<hours>\d\d?)(?::?(?P<minutes>\d\d))?", re.ASCII)


def offset_of(zone: str) -> str | None:
    """A zone as '', 'Z' or '+HH:MM'; None for an offset that no zone has, and for letters with several meanings or none."""
    zone = zone.upper()
    if zone in ("", "Z"):
        return zone
    known = NAMES.get(zone) or MORE_NAMES.get(zone)
    match = None if known else _OFFSET.fullmatch(zone)
    if match is None:
        return known
    hours, minutes = match["hours"], match["minutes"] or "00"
    if len(hours) == 1 and not (match["zero"] and (match["minutes"] is None or ":" in zone)):
        return None  # +8 alone may be anything
    if int(minutes) >= 60 or int(hours) * 60 + int(minutes) > _WIDEST_HOURS * 60:
        return None
    return f"{'+' if match['sign'] == '+' else '-'}{int(hours):02}:{minutes}"
