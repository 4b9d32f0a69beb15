import keras
import pytest

from keras_bam import applications
from keras_bam.checkpoints import sources
from keras_bam.checkpoints.naming import renamed, variables

pytestmark = pytest.mark.once

NAMES = [  # source, path of ours, key of theirs
    ("the authors' ResNet with BAM", "stage2_block3_shortcut_bn/gamma", "layer2.2.downsample.1.w"),
    ("the authors' ResNet with BAM", "stage3_block9_out_bam/spatial/project/bias", "bam3.spatial_"),
    ("pytorchcv's ResNet with BAM", "stage1_block2_out_bam/channel/expand/kernel", "features.sta"),
    ("torchvision's SqueezeNet 1.1", "fire5_expand1x1/kernel", "features.7.expand1x1.weight"),
    ("keras.applications' ResNet", "stage4_block1_shortcut_conv/kernel", "conv5_block1_0_conv/ke"),
    ("keras.applications' MobileNet", "block9_pointwise_bn/beta", "conv_pw_9_bn/beta"),
]


@pytest.mark.parametrize("title, path, key", NAMES)
def test_keys(title, path, key):
    (source,) = (source for source in sources.SOURCES if source.title == title)
    assert source.key(path).startswith(key)


def test_a_layer_that_they_do_not_have():
    with pytest.raises(KeyError, match="stem"):
        renamed([("stem_conv", "conv1")], "stem")


def test_variables_of_a_model_that_was_built_in_a_scope():
    with keras.name_scope("outer"):
        model = applications.CifarResNetSmall(attention="bam", kernel_initializer="zeros")
    found = list(variables(model.layers))
    assert len(found) == len(model.weights)
    assert found[0] == "stem_conv/kernel"
    assert "stage1_block2_out_bam/channel/reduce/kernel" in found
