"""A repair on disk: the seed is replaced, its original is kept, and an event proves what was done and can undo it.

All of this is in `.validator/` at the archive's root and is versioned with the archive, so that a clone can prove and undo:

    .validator/originals/<first two hexadecimal digits>/<SHA-256>.gz    files as they were before an event, each kept once
    .validator/events/<name of the seed>.jsonl                          events in the terms of PREMIS 3, one a line

`writing` has the order of a write, `settling` deals with a write that was cut short, `histories` joins the events of several
clones and names.

The lock keeps processes of this program apart (flock; a file system without it is refused). Other programs' changes are found
by comparing. On Linux a file and its new one change places in one step (renameat2) and the old one is compared once more, so
that an edit of the last moment is put back; on other systems an edit can be lost within some microseconds.

Not handled: extended attributes; hard and symbolic links are refused.
"""
