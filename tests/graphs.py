"""Small functional models of every form that `insert` has to know."""

import keras
import numpy as np
from keras import layers


def batch(model, ends="input"):
    """Two random images, and so on; with "output" as ends, two random targets."""
    if isinstance(model, keras.Sequential):
        tensors = getattr(model, f"{ends}s")[0]
    else:
        tensors = getattr(model, ends)
    draw = np.random.default_rng(0).normal
    return keras.tree.map_structure(
        lambda x: draw(size=(2, *x.shape[1:])).astype("float32"), tensors
    )


def convolution(name, filters=8, **kwargs):
    return layers.Conv2D(filters, 3, padding="same", name=name, **kwargs)


def two_stages(name="two_stages", size=(16, 16, 3)):
    """A fork at the stem, a residual stage, a halving, another stage."""
    image = keras.Input(size, name="image")
    x = convolution("stem")(image)
    x = layers.Add(name="stage1_add")([x, convolution("stage1_conv")(x)])
    x = layers.ReLU(name="stage1_out")(x)
    x = convolution("stage2_conv", 16, strides=2)(x)
    x = layers.BatchNormalization(name="stage2_bn")(x)
    x = layers.ReLU(name="stage2_out")(x)
    x = layers.Dropout(0.5, name="dropout")(layers.GlobalAveragePooling2D(name="pool")(x))
    return keras.Model(image, layers.Dense(3, name="classes")(x), name=name)


def called_twice():
    """One convolution, called on its own output."""
    image = keras.Input((8, 8, 8), name="image")
    shared = convolution("shared")
    return keras.Model(image, shared(layers.ReLU(name="relu")(shared(image))), name="called_twice")


def two_inputs_two_outputs():
    """A picture and a vector in, classes and a mask out, the mask from the map itself."""
    image = keras.Input((8, 8, 3), name="image")
    vector = keras.Input((4,), name="vector")
    x = convolution("features")(image)
    mask = layers.Conv2D(1, 1, name="mask")(x)
    pooled = layers.Concatenate(name="join")([layers.GlobalMaxPooling2D(name="pool")(x), vector])
    classes = layers.Dense(3, name="classes")(pooled)
    return keras.Model(
        {"image": image, "vector": vector}, {"classes": classes, "mask": mask}, name="two"
    )


def branches():
    """Two branches out of one map, and a sum that Keras records as an operation."""
    image = keras.Input((8, 8, 3), name="image")
    x = convolution("trunk")(image)
    left, right = convolution("left")(x), layers.MaxPooling2D(3, 1, "same", name="right")(x)
    joined = layers.Concatenate(name="joined")([left, right])
    return keras.Model(image, convolution("end")(joined * 2.0 + 1.0), name="branches")


def nested():
    """A model in a model in a model; the middle one is called on two images."""
    inner_input = keras.Input((None, None, 8), name="inner_input")
    inner = keras.Model(inner_input, convolution("conv")(inner_input), name="inner")
    middle_input = keras.Input((None, None, 3), name="middle_input")
    middle = keras.Model(middle_input, inner(convolution("conv")(middle_input)), name="middle")
    first, second = keras.Input((8, 8, 3), name="first"), keras.Input((8, 8, 3), name="second")
    difference = layers.Subtract(name="difference")([middle(first), middle(second)])
    head = keras.Sequential([convolution("head_conv"), layers.Flatten(name="flat")], name="head")
    return keras.Model([first, second], head(difference), name="outer")


def sequential():
    return keras.Sequential(
        [
            keras.Input((8, 8, 3), name="image"),
            convolution("conv1"),
            layers.Dropout(0.5, seed=3, name="dropout"),
            convolution("conv2", activation="relu"),
            layers.Flatten(name="flat"),
            layers.Dense(3, name="classes"),
        ],
        name="sequential",
    )


ALL = {
    "two_stages": (two_stages, "stage1_out"),
    "called_twice": (called_twice, "shared"),
    "two_inputs_two_outputs": (two_inputs_two_outputs, "features"),
    "branches": (branches, "trunk"),
    "nested": (nested, "middle/inner/conv"),
    "sequential": (sequential, "conv1"),
}
