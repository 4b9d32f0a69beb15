"""Names: what to say when one is unknown, and how a class becomes part of a layer's name."""

import difflib
import re


def unknown(kind, name, known):
    """A ValueError that offers the names nearest to an unknown one."""
    known = list(known)
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.5)
    offer = f"did you mean {' or '.join(map(repr, near))}?" if near else f"known are {known}"
    return ValueError(f"unknown {kind} {name!r}; {offer}")


def snake_case(name):
    """'SqueezeExcite' -> 'squeeze_excite', 'BAM' -> 'bam'."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
