"""A `.weights.h5` file of keras.applications numbers the layers of each class: here their names."""

_RESNETS = {53: (3, 4, 6, 3), 104: (3, 4, 23, 3), 155: (3, 8, 36, 3)}  # by their convolutions
_VGG16 = (2, 2, 3, 3, 3)


def named(numbered):
    """Weights by names of layers; what has no name in the network found keeps its number.

    Args:
        numbered: "conv2d_1/kernel" and so on -> array.
    """
    layers = {key.partition("/")[0] for key in numbered}
    norms = sum(layer.startswith("batch_normalization") for layer in layers)
    convolutions = sum(layer.partition("2d")[0] == "conv" for layer in layers)
    if any(layer.startswith("depthwise_conv2d") for layer in layers):
        names = _numbers(_mobilenet())
    elif convolutions == sum(_VGG16) and not norms:
        names = _numbers(_vgg(_VGG16))
    elif convolutions in _RESNETS:
        names = _numbers(_resnet(_RESNETS[convolutions]))
    else:
        names = {}
    parts = {key: key.split("/") for key in numbered}
    return {
        f"{names.get(layer, layer)}/{weight}": numbered[key]
        for key, (layer, weight) in parts.items()
    }


def _mobilenet():
    """(class, name) in the order of `model.layers`."""
    yield from (("conv2d", "conv1"), ("batch_normalization", "conv1_bn"))
    for number in range(1, 14):
        for kind, part in (("depthwise_conv2d", "dw"), ("conv2d", "pw")):
            name = f"conv_{part}_{number}"
            yield from ((kind, name), ("batch_normalization", f"{name}_bn"))
    yield "conv2d", "conv_preds"


def _vgg(depths):
    for stage, depth in enumerate(depths, 1):
        yield from (("conv2d", f"block{stage}_conv{number}") for number in range(1, depth + 1))
    yield from (("dense", name) for name in ("fc1", "fc2", "predictions"))


def _resnet(depths):
    yield from (("conv2d", "conv1_conv"), ("batch_normalization", "conv1_bn"))
    for stage, depth in enumerate(depths, 2):
        for block in range(1, depth + 1):
            for number in (1, 2, 0, 3) if block == 1 else (1, 2, 3):
                name = f"conv{stage}_block{block}_{number}"
                yield from (("conv2d", f"{name}_conv"), ("batch_normalization", f"{name}_bn"))
    yield "dense", "predictions"


def _numbers(layers):
    counts: dict[str, int] = {}
    names = {}
    for kind, name in layers:
        number = counts.get(kind, 0)
        names[f"{kind}_{number}" if number else kind] = name
        counts[kind] = number + 1
    return names
