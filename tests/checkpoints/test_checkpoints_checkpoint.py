"""Published weights in Keras: logits of the network they come from, and what is refused."""

import functools
import json
from pathlib import Path

import keras
import numpy as np
import pytest

import keras_bam
from keras_bam import applications, checkpoints

torch = pytest.importorskip("torch", reason="the networks to convert from run on PyTorch")
import released_network  # noqa: E402  tests/released_network.py, which needs PyTorch

slow = pytest.mark.slow
FACTS = Path(__file__).parents[1] / "facts" / "released_resnet50_bam_keys.json"
RELEASED = released_network.ResNet
SQUEEZENET = {"padded_stem": False, "pool_first": False}


def pytorchcv(name):
    models = pytest.importorskip(
        "pytorchcv.models.bamresnet", reason="pip install --no-deps pytorchcv"
    )
    return getattr(models, name)()


TORCHVISION = functools.partial(RELEASED, bam=False)
NETWORKS = [  # what makes theirs, our name, our arguments, sizes of the input
    (lambda: RELEASED(18), "ResNet18", {}, [(224, 224), (65, 97)]),
    (lambda: RELEASED(50), "ResNet50", {"stride_in_1x1": False}, [(64, 96)]),
    (lambda: RELEASED(18, cifar=True, classes=100), "CifarResNet18", {}, [(32, 40)]),
    (lambda: pytorchcv("bam_resnet18"), "ResNet18", {}, [(65, 97)]),
    (lambda: TORCHVISION(18), "ResNet18", {}, [(65, 97)]),
    (released_network.SqueezeNet, "SqueezeNet1p1", SQUEEZENET, [(224, 224), (65, 98)]),
]
DEEP = [
    (lambda: RELEASED(34), "ResNet34", {}, [(64, 96)]),
    (lambda: RELEASED(152), "ResNet152", {"stride_in_1x1": False}, [(64, 96)]),
    (lambda: RELEASED(50, cifar=True), "CifarResNet50", {"stride_in_1x1": False}, [(32, 40)]),
    (lambda: pytorchcv("bam_resnet50"), "ResNet50", {"stride_in_1x1": False}, [(224, 224)]),
    (lambda: TORCHVISION(50), "ResNet50", {"stride_in_1x1": False}, [(224, 224), (65, 97)]),
    (
        lambda: TORCHVISION(50, groups=32, group_width=4),
        "ResNeXt50_32x4d",
        {"stride_in_1x1": False},
        [(64, 96)],
    ),
    (
        lambda: TORCHVISION(101, groups=32, group_width=8),
        "ResNeXt101_32x8d",
        {"stride_in_1x1": False},
        [(64, 96)],
    ),
]


@pytest.mark.parametrize(
    "make, name, arguments, sizes", NETWORKS + [pytest.param(*row, marks=slow) for row in DEEP]
)
def test_same_logits(make, name, arguments, sizes, tmp_path):
    torch.manual_seed(0)
    theirs = released_network.randomised(make())
    torch.save(theirs.state_dict(), tmp_path / "weights.pth")
    found = checkpoints.read(tmp_path / "weights.pth")
    assert found.network == name
    assert arguments.items() <= found.arguments.items()
    ours = found.build(input_shape=(None, None, 3), classifier_activation=None)
    for size in sizes:
        images = np.random.default_rng(0).normal(size=(2, *size, 3)).astype("float32")
        expected = released_network.logits(theirs, images)
        largest = np.abs(expected).max()
        assert largest > 0.1 and np.ptp(expected[0] - expected[1]) > 1e-3
        result = ours.predict(images, verbose=0)
        np.testing.assert_allclose(result, expected, rtol=0, atol=1e-4 * largest)


def test_the_double_has_the_keys_of_the_released_code():
    with torch.device("meta"):
        state = RELEASED(50).state_dict()
    assert {key: list(tensor.shape) for key, tensor in state.items()} == json.loads(
        FACTS.read_text()
    )


@pytest.fixture(scope="module")
def state():
    """Of the authors' ResNet18, as float32 arrays."""
    torch.manual_seed(0)
    theirs = released_network.randomised(RELEASED(18, classes=5))
    return {key: tensor.numpy() for key, tensor in theirs.state_dict().items()}


@pytest.fixture
def saved(tmp_path):
    """-> the path of a file of that state dict, around which is what the authors' script saves."""

    def save(state, prefix="module."):
        tensors = {prefix + key: torch.tensor(array) for key, array in state.items()}
        more = {"epoch": 90, "arch": "resnet", "best_prec1": torch.tensor(76.86), "optimizer": {}}
        torch.save({**more, "state_dict": tensors}, tmp_path / "weights.pth")
        return tmp_path / "weights.pth"

    return save


def test_what_the_authors_script_saves(state, saved):
    model = checkpoints.load(saved(state), input_shape=(32, 32, 3), name="mine")
    assert model.name == "mine" and model.output_shape == (None, 5)
    assert model.get_layer("predictions").activation is keras.activations.softmax
    weights = dict(zip([w.path for w in model.weights], model.get_weights(), strict=True))
    expected = state["layer2.0.conv1.weight"].transpose(2, 3, 1, 0)
    np.testing.assert_array_equal(weights["stage2_block1_conv1/kernel"], expected)
    bams = [layer for layer in model.layers if isinstance(layer, keras_bam.layers.BAM)]
    assert [layer.form for layer in bams] == ["official"] * 3


def test_the_config_is_that_of_the_builder(saved):
    """Not one that starts at zeros when it is trained from scratch."""
    theirs = released_network.SqueezeNet(classes=3).state_dict()
    path = saved({key: tensor.numpy() for key, tensor in theirs.items()})
    built = applications.SqueezeNet1p1(classes=3, **SQUEEZENET)
    configs = [[x.get_config() for x in m.layers[1:]] for m in (checkpoints.load(path), built)]
    for ours, usual in zip(*configs, strict=True):
        assert ours == usual


def test_a_backbone_takes_bam(saved):
    theirs = released_network.randomised(TORCHVISION(18))
    path = saved({key: tensor.numpy() for key, tensor in theirs.state_dict().items()})
    plain = checkpoints.load(path, include_top=False, pooling="avg", input_shape=(32, 48, 3))
    model = keras_bam.insert(plain, keras_bam.layers.BAM(layer_scale_init_value=0))
    images = np.random.default_rng(0).normal(size=(1, 32, 48, 3)).astype("float32")
    assert model.output_shape == (None, 512)
    np.testing.assert_allclose(
        model.predict(images, verbose=0), plain.predict(images, verbose=0), rtol=1e-5, atol=1e-5
    )


def changed(state, remove="", **more):
    kept = {key: array for key, array in state.items() if not (remove and key.startswith(remove))}
    return {**kept, **{key.replace("__", "."): array for key, array in more.items()}}


WEIGHT = np.ones((3, 64, 1, 1), np.float32)


@pytest.mark.parametrize(
    "change, first, counted",
    [
        ({"remove": "bam2."}, "bam2.channel_att.gate_c.gate_c_fc_0.weight", "28 missing"),
        ({"bam4__weight": WEIGHT}, "bam4.weight", r"1 left over \(bam4.weight\)"),
        ({"conv1__weight": WEIGHT}, "conv1.weight", r"\(3, 64, 1, 1\) where \(64, 3, 7, 7\)"),
        ({"remove": "layer3.0.conv2"}, "layer3.0.conv2.weight", "1 missing"),
        ({"layer2__2__conv1__weight": WEIGHT}, "layer2.2.conv1.weight", "1 left over"),
    ],
)
def test_weights_that_do_not_fit(change, first, counted, state, saved):
    path = saved(changed(state, **change))
    message = (
        r"weights.pth looks like the authors' ResNet with BAM, but these are not the weights of "
        rf"ResNet18: the first that differs is {first}; in all .*{counted}"
    )
    with pytest.raises(ValueError, match=message):
        checkpoints.load(path, input_shape=(32, 32, 3))


def test_another_network_of_the_same_names(saved):
    """A ResNet-50 of twice the width, as torchvision's wide_resnet50_2."""
    with torch.device("meta"):
        wide = TORCHVISION(50, group_width=128).state_dict()
    path = saved({key: np.zeros(tensor.shape, np.float32) for key, tensor in wide.items()})
    with pytest.raises(ValueError, match=r"of ResNet50: the first that differs is layer1.0.conv1"):
        checkpoints.load(path)


def test_no_classifier(saved):
    theirs = released_network.SqueezeNet().state_dict()
    path = saved({k: v.numpy() for k, v in theirs.items() if not k.startswith("classifier")})
    with pytest.raises(ValueError, match="; it holds no classifier: pass include_top=False"):
        checkpoints.load(path)
    assert checkpoints.load(path, include_top=False).output_shape == (None, 13, 13, 512)


def test_an_unknown_network(saved):
    path = saved({"conv0.weight": WEIGHT, "norm0.weight": WEIGHT[0, 0, 0]})
    message = "no weights that are known here: its first are conv0.weight, norm0.weight; known are "
    with pytest.raises(ValueError, match=message):
        checkpoints.read(path)


def test_a_setting_that_the_builder_does_not_have(saved):
    theirs = released_network.SqueezeNet().state_dict()
    path = saved({key: tensor.numpy() for key, tensor in theirs.items()})
    with pytest.raises(ValueError, match="unknown argument of SqueezeNet1p1 'classe'"):
        checkpoints.load(path, classe=3)


def test_networks_for_cifar_have_no_preprocessing_of_their_own(saved):
    theirs = RELEASED(18, cifar=True).state_dict()
    path = saved({key: tensor.numpy() for key, tensor in theirs.items()})
    assert checkpoints.read(path).preprocessing is None
