"""Whether weights are as they were drawn."""

import numpy as np
from keras import ops

# What Keras starts them from; a step of training moves each.
_STARTS = {"bias": 0, "beta": 0, "moving_mean": 0, "moving_variance": 1}


def never_trained(layer):
    """Whether `layer`, or a model, still has its random weights.

    Told by what starts from a constant and moves in the first step of training: biases, and the
    moving statistics of batch norms. True if all of them still are at Keras's usual constants,
    False if any is not, None if there are none. Biases that another initializer started look
    trained.
    """
    untouched = [
        bool(np.all(ops.convert_to_numpy(variable) == _STARTS[variable.name]))
        for variable in layer.variables
        if variable.name in _STARTS
    ]
    return all(untouched) if untouched else None
