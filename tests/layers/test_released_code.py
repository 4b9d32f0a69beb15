"""The official form against a public implementation in PyTorch: `BamBlock` of pytorchcv."""

import draws
import numpy as np
import pytest

from keras_bam.layers import BAM

pytest.importorskip("torch", reason="the public implementation is in PyTorch")
bamresnet = pytest.importorskip(
    "pytorchcv.models.bamresnet", reason="pip install --no-deps pytorchcv"
)

LAYERS = {  # ours, theirs
    "channel/reduce": "ch_att.init_fc.fc",
    "channel/reduce_norm": "ch_att.init_fc.bn",
    "channel/expand": "ch_att.final_fc",
    "spatial/reduce": "sp_att.init_conv.conv",
    "spatial/reduce_norm": "sp_att.init_conv.bn",
    "spatial/dilated_1": "sp_att.dil_convs.conv1.conv",
    "spatial/dilated_1_norm": "sp_att.dil_convs.conv1.bn",
    "spatial/dilated_2": "sp_att.dil_convs.conv2.conv",
    "spatial/dilated_2_norm": "sp_att.dil_convs.conv2.bn",
    "spatial/project": "sp_att.final_conv",
}
WEIGHTS = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def their_block(weights, channels):
    """Their block with our weights."""
    import torch

    block = bamresnet.BamBlock(channels)
    carried = {}
    for path, value in weights.items():
        layer, weight = path.rsplit("/", 1)
        value = np.moveaxis(value, (-1, -2), (0, 1)) if weight == "kernel" else value
        value = torch.tensor(value, dtype=torch.float32)
        carried[f"{LAYERS[layer]}.{WEIGHTS[weight]}"] = value
    missing, unexpected = block.load_state_dict(carried, strict=False)
    assert not unexpected
    assert all(name.endswith("num_batches_tracked") for name in missing)
    return block


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("shape", [(4, 7, 7, 64), (4, 5, 12, 64), (4, 3, 2, 96)])
def test_official_form_equals_pytorchcv(shape, training):
    import torch

    layer = BAM(form="official", kernel_initializer="zeros")
    features = draws.features(*shape)
    layer.build(shape)
    block = their_block(draws.weights(layer), shape[-1]).train(training)
    with torch.no_grad():
        theirs = block(torch.tensor(np.moveaxis(features, -1, 1))).numpy()
    ours = draws.array(layer(features, training=training))
    np.testing.assert_allclose(ours, np.moveaxis(theirs, 1, -1), rtol=1e-5, atol=1e-5)
