"""Whether the weights of a file are those that a network needs: each name and each shape."""

import dataclasses

from keras_bam.data.image_tree import shortened


@dataclasses.dataclass(frozen=True)
class Mismatch:
    """Their names, in the network's order: `misshapen` with the shapes found and needed."""

    missing: list[str]
    left_over: list[str]
    misshapen: dict[str, str]

    def __bool__(self):
        return bool(self.missing or self.left_over or self.misshapen)

    def __str__(self):
        parts = {
            "missing": self.missing,
            "left over": self.left_over,
            "misshapen": [f"{key} {shapes}" for key, shapes in self.misshapen.items()],
        }
        return "; ".join(
            f"{len(keys)} {what} ({shortened(keys)})" for what, keys in parts.items() if keys
        )


def compare(state, needed):
    """What differs, and the first key of the network, or else of the file, that does.

    Args:
        state: key -> array.
        needed: key -> shape, in the network's order.
    """
    misshapen = {
        key: f"{state[key].shape} where {tuple(shape)} is needed"
        for key, shape in needed.items()
        if key in state and state[key].shape != tuple(shape)
    }
    mismatch = Mismatch(
        [key for key in needed if key not in state],
        [key for key in state if key not in needed],
        misshapen,
    )
    differing = [key for key in needed if key not in state or key in misshapen]
    return mismatch, next(iter(differing + mismatch.left_over), None)
