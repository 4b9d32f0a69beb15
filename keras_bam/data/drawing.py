"""Random numbers for one image of many, the same whichever others are drawn."""

import numpy as np

_PERIOD = 2**128  # of PCG64, which is that of `default_rng`


def draw_rows(key: list[int], rows, width: int) -> np.ndarray:
    """Rows of `np.random.default_rng(key).random((n, width))`, which are the same for any n.

    What is not asked for is passed over, not drawn: a generator for each row would take ten times
    as long.

    Args:
        key: integers of 0 or more.
        rows: which ones, integers of 0 or more in any order.

    Returns:
        float64, shape (number of rows, width).
    """
    bits = np.random.PCG64(key)
    generator = np.random.Generator(bits)
    draws = np.empty((len(rows), width))
    place = 0
    for row, drawn in zip(map(int, rows), draws, strict=True):
        bits.advance((row * width - place) % _PERIOD)
        generator.random(out=drawn)
        place = (row + 1) * width
    return draws
