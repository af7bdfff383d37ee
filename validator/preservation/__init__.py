"""What a repair leaves on disk: the seed replaced, its original kept, and an event that proves what was done and undoes it.

Everything lies in `.validator/` at the archive's root and is versioned with the archive, so that a clone can prove and undo:

    .validator/originals/<first two hexadecimal digits>/<SHA-256>.gz    files as they were before an event, each kept once
    .validator/events/<name of the seed>.jsonl                          events in the terms of PREMIS 3, one a line

`writing` says in what order a write takes place, `settling` what a later run makes of one that was cut short, `histories` how
events of several clones and names come together.

The lock is advisory: it keeps apart the processes of this program (flock; refused on file systems that have none). Against all
others there is the comparison. On Linux a file and its new one change places in one step (renameat2), and what comes out is
compared as well, so that an edit of the last instant is put back; elsewhere there are some microseconds in which it is lost.

Not handled: extended attributes; hard and symbolic links are refused.
"""

from validator.preservation.bags import bag_of, update_bag
from validator.preservation.disk import (
    FOLDER,
    PART_SUFFIX,
    ConflictError,
    NothingToUndoError,
    PreservationError,
    RefusedError,
    UnsoundError,
    UnwritableError,
)
from validator.preservation.events import MODIFICATION, RECOVERY, Agent, Event, Linked, State, Version, changes_of
from validator.preservation.fixity import Fixity, Verified, unnamed_originals, verify, verify_logs
from validator.preservation.settling import clear_litter
from validator.preservation.writing import (
    Written,
    history,
    last_run,
    name_in_records,
    new_run,
    recorded,
    records_root,
    seeds_of_run,
    sidecar_of,
    sidecar_with_lifts,
    undo,
    write_repair,
)

__all__ = [
    "FOLDER",
    "MODIFICATION",
    "PART_SUFFIX",
    "RECOVERY",
    "Agent",
    "ConflictError",
    "Event",
    "Fixity",
    "Linked",
    "NothingToUndoError",
    "PreservationError",
    "RefusedError",
    "State",
    "UnsoundError",
    "UnwritableError",
    "Verified",
    "Version",
    "Written",
    "bag_of",
    "changes_of",
    "clear_litter",
    "history",
    "last_run",
    "name_in_records",
    "new_run",
    "recorded",
    "records_root",
    "seeds_of_run",
    "sidecar_of",
    "sidecar_with_lifts",
    "undo",
    "unnamed_originals",
    "update_bag",
    "verify",
    "verify_logs",
    "write_repair",
]
