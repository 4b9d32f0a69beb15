"""A network as the command line spells it: `ResNet50:stride_in_1x1=False`."""

import keras

from keras_bam import applications, spelling


def build(text, settings):
    """The network `text` names, with `settings` for all other arguments.

    Raises:
        ValueError: for an argument in `text` that `settings` hold, or as the builder.
    """
    name, arguments = spelling.parse(text)
    for key in arguments:
        if key in settings or key == "name":
            raise ValueError(
                f"{key!r} in the model {text!r}: it is set by the command or another option"
            )
    return applications.build(name, **settings, **arguments)


def classifier(dataset, model, attention=None, after=None, weights=None):
    """A network for the images and classes of `dataset`, all else as the command line spells it.

    Raises:
        ValueError: as `build` does.
    """
    height, width, channels = dataset.input_shape
    channels_last = keras.config.image_data_format() == "channels_last"
    settings = {
        "attention": attention,
        "after": places(after),
        "weights": weights,
        "classes": len(dataset.class_names),
        "classifier_activation": "softmax",
        "input_shape": (height, width, channels) if channels_last else (channels, height, width),
    }
    return build(model, settings)


def places(after):
    """What `--after` says: None, a set of places by its name, or a list of layer names."""
    return after if after is None or after in applications.PLACES else after.split(",")
