"""Numbers of things, in messages."""


def counted(n: int, noun: str) -> str:
    """A number and its noun: "1 text", "2,500 texts", "3 entities".

    noun: in the singular; of several words, the last one gets the ending.
    """
    if n != 1:
        noun = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{n:,} {noun}"
