import random

import keras
import numpy as np

from keras_bam.training.resuming import random_state
from keras_bam.training.resuming.plain_data import is_plain


def draws():
    image = keras.ops.ones((1, 64))
    dropped = keras.layers.Dropout(0.5)(image, training=True)
    return random.random(), np.random.rand(), keras.ops.convert_to_numpy(dropped).tobytes()


def test_draws_are_repeated():
    state = random_state.capture()
    assert is_plain(state)
    first = draws()
    random_state.restore(state)
    again = draws()
    # Only on PyTorch do layers draw from a generator of the process; see their seeds elsewhere.
    count = 3 if keras.backend.backend() == "torch" else 2
    assert again[:count] == first[:count]
    assert draws()[:count] != first[:count]
