"""`validator reject`."""

from __future__ import annotations

from validator.archive.opening import see
from validator.archive.reading import today
from validator.cli.chosen import judged, one_seed
from validator.cli.options import command, option
from validator.cli.sidecars import CuratorOptions, write_entry
from validator.cli.terminal import paragraph
from validator.record.sidecar import text_key
from validator.record.sidecar_writing import mark_wrong
from validator.rules.views import Unread
from validator.text.errors import ConfigError

PLACE = ("record", 4)


@command(CuratorOptions)
def reject(
    options: CuratorOptions, reason: str = option("--reason", required=True, help="What is wrong with the seed.")
) -> int:
    """Mark a seed as wrong, with a reason, in the sidecar.

    The seed is then invalid until it is replaced, corrected or removed, and is not compared with other seeds of the archive.
    The mark is about the text as it is now: if its letters or digits change, it no longer counts, and a warning says so. To
    take it back, remove `wrong` from the sidecar.
    """
    archive = options.opened()
    seed = one_seed(archive, options.path)
    seen = see(archive, seed)
    if isinstance(seen, Unread) or seen.decoded.encoding is None:
        why = seen.message if isinstance(seen, Unread) else "its bytes cannot be read as text"
        raise ConfigError(f"it was not marked: {why}", options.path)
    key, name, day = text_key(seen.decoded.text), options.curator, today()

    def write(text: str) -> str:
        return mark_wrong(text, reason=reason, by=name, on=day, key=key)

    write_entry(seed.sidecar, archive, write, "marked as wrong")
    paragraph(f"the seed is {judged(archive, seed).verdict}", "  ", "    ")
    return 0
