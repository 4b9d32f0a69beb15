"""SSD and StairNet: counts, places, sizes, files."""

import draws
import keras
import numpy as np
import pytest

import keras_bam
from keras_bam import applications, detection, spelled_network
from keras_bam.layers import BAM

slow = pytest.mark.slow
MOBILENET = "SSD300:backbone=mobilenet"
STAIRS = "StairNet300:backbone=mobilenet"

# The network, its attention, parameters, boxes: Table 4b of the paper where it has the row (26.5M,
# 32.0M, 32.1M, 5.81M, 5.98M, 6.00M), to the parameter from detection-counts.json of the facts.
COUNTS = [
    ("SSD300", None, 26_515_936, 11_620),
    ("SSD300:anchors=caffe", None, 26_285_486, 8_732),
    ("SSD512:anchors=caffe", None, 27_188_676, 24_564),
    ("StairNet300", None, 32_005_600, 11_620),
    ("StairNet300", "bam:form=official", 32_109_766, 11_620),
    ("StairNet300", "bam", 32_112_082, 11_620),
    (MOBILENET, None, 5_813_536, 2_990),
    (STAIRS, None, 5_976_224, 2_990),
    (STAIRS, "bam:form=official", 6_002_966, 2_990),
    (STAIRS, "bam", 6_004_130, 2_990),
]
MAPS = [
    ("SSD300", (38, 19, 10, 5, 3, 1)),
    ("SSD512", (64, 32, 16, 8, 4, 2, 1)),
    (MOBILENET, (19, 10, 5, 3, 2, 1)),
    ("SSD300:backbone=keras_mobilenet", (18, 9, 5, 3, 2, 1)),
    ("StairNet300", (38, 19, 10, 5, 3, 1)),
    ("StairNet300:predict_top=False", (38, 19, 10, 5, 3)),
]


@pytest.fixture
def zeros(monkeypatch):
    """Kernels that cost nothing, the classifiers' too."""
    draw = lambda self, shape, dtype=None, **_: np.zeros(shape, dtype or "float32")  # noqa: E731
    monkeypatch.setattr(keras.initializers.VarianceScaling, "__call__", draw)


def build(text, **settings):
    return spelled_network.build(text, {"attention": None, **settings})


def small(name="SSD96Small", classes=3, size=32, **settings):
    channels_first = settings.get("data_format") == "channels_first"
    shape = (3, size, size) if channels_first else (size, size, 3)
    return applications.build(name, classes=classes, input_shape=shape, **settings)


@pytest.mark.parametrize(
    "network, attention, parameters, boxes",
    [pytest.param(*row, marks=[] if row[0] == MOBILENET else slow) for row in COUNTS],
)
def test_counts(zeros, network, attention, parameters, boxes):
    model = build(network, attention=attention)
    assert keras_bam.complexity(model).parameters == parameters
    assert model.output.shape == (None, boxes, 25)
    assert detection.default_boxes_of(model).count == boxes


@pytest.mark.once
@slow
@pytest.mark.parametrize("network, maps", MAPS)
def test_maps(zeros, network, maps):
    assert detection.default_boxes_of(build(network)).maps == maps


@pytest.mark.once
@slow
def test_default_boxes_are_the_authors(zeros):
    """At 300 pixels; what becomes of them is tested in `test_detection_default_boxes.py`."""
    boxes = detection.default_boxes_of(build("SSD300:anchors=caffe"))
    assert boxes.steps == (8, 16, 32, 64, 100, 300)
    assert boxes.smallest == (30, 60, 111, 162, 213, 264)
    assert boxes.largest == (60, 111, 162, 213, 264, 315)
    coco = detection.default_boxes_of(build("SSD300:scales=coco,anchors=caffe"))
    assert coco.smallest == (21, 45, 99, 153, 207, 261)
    assert coco.largest == (45, 99, 153, 207, 261, 315)


@pytest.mark.parametrize("name", ["SSD96Small", "StairNet96Small"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_attention_stands_right_before_the_classifiers(name, data_format):
    model = small(name, attention="bam", data_format=data_format)
    modules = [layer for layer in model.layers if isinstance(layer, BAM)]
    assert [module.name for module in modules] == [
        f"{place}_bam" for place in applications.places(name, "classifiers")
    ]
    for level, module in enumerate(modules, 1):
        assert module.input is model.get_layer(f"level{level}_features").output
        for head in ("offsets", "logits"):
            assert model.get_layer(f"level{level}_{head}").input is module.output
    used = [node.operation.name for node in modules[0]._outbound_nodes]
    assert used == ["level1_offsets", "level1_logits"]


def test_squeeze_excite_stands_there_too():
    model = small(attention="se")
    assert model.get_layer("level1_logits").input is not model.get_layer("level1_features").output


def test_attention_in_the_backbone():
    model = small(attention="bam", after="bottlenecks")
    assert [layer.name for layer in model.layers if isinstance(layer, BAM)] == ["block4_out_bam"]
    assert applications.places("SSD300", "bottlenecks") == ["block3_relu3", "block4_relu3"]
    with pytest.raises(ValueError, match="SSD300 has no residual blocks"):
        applications.places("SSD300", "blocks")
    with pytest.raises(ValueError, match="ResNet50 is no detector: use its bottlenecks, blocks or"):
        applications.places("ResNet50", "classifiers")


def test_every_place_is_a_layer_of_the_graph(zeros):
    names = {layer.name for layer in small("StairNet96Small").layers}
    for which in ("bottlenecks", "classifiers"):
        assert names.issuperset(applications.places("StairNet96Small", which))
    assert set(applications.PLACES) == {"bottlenecks", "blocks", "classifiers"}


def test_the_top_can_do_without_classifiers():
    model = small("StairNet96Small", attention="bam", predict_top=False, size=96)
    assert detection.default_boxes_of(model).maps == (12, 6)
    assert model.output.shape == (None, 720, 8)
    assert [layer.name for layer in model.layers if layer.name.startswith("level3")] == [
        "level3_lateral",
        "level3_lateral_bn",
    ]


@pytest.mark.parametrize("separable", [False, True])
@pytest.mark.parametrize("size, maps", [(48, (6, 3, 2)), (65, (9, 5, 3))])
def test_maps_of_even_and_odd_sizes(separable, size, maps):
    model = small("StairNet96Small", size=size, separable=separable, channels=8)
    assert detection.default_boxes_of(model).maps == maps
    image = np.random.default_rng(0).normal(size=(2, size, size, 3))
    assert np.isfinite(model.predict(image, verbose=0)).all()


def test_default_boxes_grow_with_the_image():
    small_boxes, large_boxes = (
        detection.default_boxes_of(small(size=size)).centres for size in (96, 192)
    )
    np.testing.assert_allclose(small_boxes[0, 2:], 14 / 96, rtol=1e-6)
    np.testing.assert_allclose(large_boxes[0], (4 / 192, 4 / 192, 14 / 96, 14 / 96), rtol=1e-6)


def test_both_data_formats_compute_the_same():
    """In each format on the backends that have it on this device."""
    last = small("StairNet96Small", attention="bam")
    first = small("StairNet96Small", attention="bam", data_format="channels_first")
    first.set_weights(last.get_weights())
    image = np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype("float32")
    expected = keras.ops.convert_to_numpy(last(image, training=False))
    try:
        result = first(np.moveaxis(image, -1, 1), training=False)
    except Exception as error:  # TensorFlow on a CPU has no convolutions with channels first
        pytest.skip(f"channels first: {str(error)[:80]}")
    np.testing.assert_allclose(keras.ops.convert_to_numpy(result), expected, atol=1e-4)


@pytest.mark.parametrize("name", ["SSD96Small", "StairNet96Small"])
def test_it_is_saved_and_loaded(tmp_path, name):
    model = small(name, attention="bam:dilation_rate=2")
    path = tmp_path / "model.keras"
    model.save(path)
    copy = keras.saving.load_model(path)
    again = small(name, attention="bam:dilation_rate=2", weights=path)
    assert copy.layers[-1].get_config() == model.layers[-1].get_config()
    image = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype("float32")
    outputs = [draws.array(one(image, training=False)) for one in (model, copy)]
    np.testing.assert_array_equal(*outputs)
    for other in (copy, again):
        for ours, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_it_detects():
    model = small()
    image = np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype("float32")
    found = detection.with_detections(model, max_detections=5, score_threshold=0.0).predict(
        image, verbose=0
    )
    assert found["boxes"].shape == (2, 5, 4) and found["count"].tolist() == [5, 5]
    probabilities = keras.ops.softmax(model(image, training=False)[..., 4:])
    best = draws.array(probabilities)[..., 1:].max(axis=(1, 2))
    np.testing.assert_allclose(found["scores"][:, 0], best, rtol=1e-4)


def test_one_step_of_training():
    """An object of each size, so that every classifier learns."""
    model = small("StairNet96Small", attention="bam", size=96)
    boxes = detection.default_boxes_of(model)
    sides = np.array([0.15, 0.35, 0.7])
    objects = np.stack([0 * sides, 0 * sides, sides, sides], axis=1)
    targets = detection.match(objects, [0, 1, 2], boxes)[None].repeat(2, axis=0)
    images = np.random.default_rng(0).normal(size=(2, 96, 96, 3)).astype("float32")
    before = {weight.path: draws.array(weight) for weight in model.weights}
    model.compile("sgd", detection.MultiboxLoss())
    loss = model.fit(images, targets, verbose=0).history["loss"][0]
    assert np.isfinite(loss)
    still = [w.path for w in model.weights if np.array_equal(draws.array(w), before[w.path])]
    # With four hidden units a module's branch may start out dead.
    assert not [path for path in still if path.endswith("/kernel") and "_bam/" not in path]


def test_outputs_are_float32_under_a_mixed_policy():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = small()
    finally:
        keras.config.set_dtype_policy(before)
    assert model.output.dtype == "float32"
    assert model.get_layer("level1_logits").compute_dtype == "bfloat16"


@pytest.mark.parametrize(
    "network, settings, message",
    [
        ("SSD300", {"backbone": "resnet"}, "backbone must be one of .'vgg16', 'mobilenet'"),
        ("SSD300", {"backbone": 3}, "backbone must be a name, received 3"),
        ("SSD512", {"backbone": "mobilenet"}, r"backbone must be one of \['vgg16'\]"),
        ("SSD300", {"anchors": "mine"}, "anchors must be one of .'paper', 'caffe'"),
        ("SSD96Small", {"scales": "coco"}, r"scales must be one of \['voc'\], received 'coco'"),
        ("SSD300", {"predict_top": False}, "unknown argument of SSD300 'predict_top'"),
        ("StairNet300", {"predict_top": 1}, "predict_top must be True or False, received 1"),
        ("StairNet300", {"channels": 0}, "channels must be a positive integer, received 0"),
        ("StairNet300", {"separable": 0}, "separable must be True or False, received 0"),
        ("SSD300", {"include_top": False}, "unknown argument of SSD300 'include_top'"),
        ("SSD300", {"clases": 3}, "unknown argument of SSD300 'clases'; did you mean 'classes'"),
        ("SSD300", {"classes": 0}, "classes must be a positive integer, received 0"),
        ("SSD300", {"input_shape": (256, 256, 3)}, "too small for SSD300, which needs 257x257"),
        ("SSD300", {"input_shape": (300, 320, 3)}, "need a square image of a known size"),
        ("SSD300", {"input_shape": (None, None, 3)}, "need a square image of a known size"),
        ("SSD96Small", {"attention": "extra_block"}, "has no residual blocks, and so no extra one"),
    ],
)
def test_wrong_arguments(network, settings, message):
    with pytest.raises(ValueError, match=message):
        applications.build(network, **settings)


def test_a_size_that_the_pyramid_cannot_take(zeros):
    """keras.applications' padding halves downwards: 257 pixels end in two maps of one cell."""
    with pytest.raises(ValueError, match=r"257 pixels make maps of \[16, 8, 4, 2, 1, 1\] cells"):
        applications.SSD300(backbone="keras_mobilenet", input_shape=(257, 257, 3))


def test_a_size_that_the_stairs_cannot_take(zeros):
    with pytest.raises(ValueError, match="make maps of 9 cells, which can't be enlarged to 19"):
        applications.StairNet300(backbone="keras_mobilenet", input_shape=(304, 304, 3))
