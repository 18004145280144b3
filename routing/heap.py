"""How is a process with large tables kept from stopping?  Call it once, when everything it holds for good is loaded."""

import gc


def settle() -> None:
    """Take what is there out of garbage collection.

    A full collection looks through every object: over the tables of knowledge, matters and danger it stopped a console
    for 0.1 to 0.2 s, several times in a hundred pages.  What is made from now on is collected as ever, and what is
    there goes as ever when nothing refers to it.
    """
    gc.collect()
    gc.freeze()
