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
