"""What an image goes through before the network that the weights were trained for."""

import dataclasses

import keras


@dataclasses.dataclass(frozen=True)
class Preprocessing:
    """(image / 255 - mean) / std, then perhaps the channels the other way round.

    Attributes:
        mean, std: of red, green and blue, on the scale 0..1.
        reverse_channels: whether the network takes blue, green, red.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    reverse_channels: bool = False

    def in_front_of(self, model):
        """`model` for images that are normalised, with their channels as red, green and blue."""
        if not self.reverse_channels:
            return model
        channels_last = keras.config.image_data_format() == "channels_last"
        image = keras.Input(model.input_shape[1:])
        reverse = keras.ops.flip(image, axis=-1 if channels_last else 1)
        return keras.Model(image, model(reverse), name=model.name)


# PyTorch's habit with ImageNet: the authors' code, pytorchcv and torchvision.
TORCH = Preprocessing((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
# keras.applications' modes "caffe" (ResNet) and "tf" (MobileNet).
CAFFE = Preprocessing(
    (123.68 / 255, 116.779 / 255, 103.939 / 255), (1 / 255,) * 3, reverse_channels=True
)
TENSORFLOW = Preprocessing((0.5,) * 3, (0.5,) * 3)
