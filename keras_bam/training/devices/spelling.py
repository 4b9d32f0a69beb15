"""How many devices: "all", "2", "cpu:4"."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wanted:
    """Devices as asked for.

    Attributes:
        count: how many; None is all there are.
        of_processor: that many parts of the processor, to try things out.
    """

    count: int | None
    of_processor: bool = False


def parse(text):
    """ "all" | "N" | "cpu:N", or a number -> `Wanted`.

    Raises:
        ValueError: for anything else.
    """
    if text == "all":
        return Wanted(None)
    kind, colon, number = str(text).rpartition(":")
    if kind == ("cpu" if colon else "") and number.isdecimal() and int(number) > 0:
        return Wanted(int(number), of_processor=bool(colon))
    raise ValueError(f"devices must be like all, 2 or cpu:4, received {text!r}")


def chosen(wanted, present, what):
    """The first `wanted.count` of the list `present`, or all of them.

    Raises:
        ValueError: if there are not so many; `what` names them.
    """
    if wanted.count is None:
        return present
    if wanted.count > len(present):
        raise ValueError(
            f"devices={wanted.count}, and there are {len(present)}: {what}; keras-bam devices "
            f"lists them, and devices=cpu:{wanted.count} takes parts of the processor"
        )
    return present[: wanted.count]
