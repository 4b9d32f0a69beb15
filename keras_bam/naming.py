"""Names: what to say when one is unknown, and how a class becomes part of a layer's name."""

import difflib
import re


def unknown(kind, name, known):
    """A ValueError that offers the names nearest to an unknown one."""
    lower = {str(candidate).lower(): candidate for candidate in known}
    wanted = str(name).lower()
    containing = [candidate for candidate in lower if wanted and wanted in candidate]
    close = difflib.get_close_matches(wanted, lower, n=3, cutoff=0.5)
    near = list(dict.fromkeys(containing + close))[:3]
    offered = " or ".join(repr(lower[match]) for match in near)
    offer = f"did you mean {offered}?" if near else f"known are {list(lower.values())}"
    return ValueError(f"unknown {kind} {name!r}; {offer}")


def snake_case(name):
    """'SqueezeExcite' -> 'squeeze_excite', 'BAM' -> 'bam'."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
