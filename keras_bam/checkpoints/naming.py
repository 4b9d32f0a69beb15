"""The name elsewhere of a weight of ours."""

import re

# Ours -> PyTorch's.
TORCH_WEIGHTS = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def variables(layers):
    """ "layer/weight", or "layer/sublayer/weight", -> variable, in the order of the layers."""
    return {
        f"{layer.name}/{variable.path.removeprefix(f'{layer.path}/')}": variable
        for layer in layers
        for variable in getattr(layer, "weights", ())
    }


def torch_key(rules, path):
    """The key in a state dict of the weight at `path`, such as "stem_bn/gamma".

    Args:
        rules: pairs of a pattern for one of our layers and their name of it, or a function from
            the pattern's groups to it.
    """
    layer, _, weight = path.rpartition("/")
    return f"{renamed(rules, layer)}.{TORCH_WEIGHTS[weight]}"


def keras_key(rules, path):
    """As `torch_key`, of a weight of keras.applications: "layer/weight"."""
    layer, _, weight = path.rpartition("/")
    return f"{renamed(rules, layer)}/{weight}"


def renamed(rules, layer):
    """Their name of our layer."""
    for pattern, target in rules:
        if match := re.fullmatch(pattern, layer):
            return target if isinstance(target, str) else target(*match.groups())
    raise KeyError(layer)
