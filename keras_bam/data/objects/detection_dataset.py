"""What loaders of detection data sets return: a training and a test set of images with objects."""

from dataclasses import dataclass

from keras_bam.data.dataset import ShapedImages
from keras_bam.data.objects.detection_images import DetectionImages
from keras_bam.data.threaded_batches import check_positive


@dataclass(frozen=True, eq=False)
class DetectionDataset(ShapedImages):
    """A data set of images with objects, normalised as is the habit with ImageNet.

    `image_size` is the height and width that the images are brought to, `mean` and `std` hold one
    value a channel of RGB on the scale 0..1, and `flip` says whether a mirrored object still is of
    its class. The habit of Caffe's VGG, means subtracted and nothing else, is
    `mean=(123 / 255, 117 / 255, 104 / 255), std=(1 / 255,) * 3`, in RGB.

    Raises:
        ValueError: train and test differ in class names, or `image_size` is no positive integer.
    """

    name: str
    train: DetectionImages
    test: DetectionImages
    image_size: int = 300
    flip: bool = True
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)

    def __post_init__(self):
        check_positive("image_size", self.image_size)
        facts = [(part.class_names, part.category_ids) for part in (self.train, self.test)]
        if facts[0] != facts[1]:
            raise ValueError(
                f"the classes of train and test differ: {facts[0][0]}, numbered {facts[0][1]}, and "
                f"{facts[1][0]}, numbered {facts[1][1]}"
            )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(H, W, 3)."""
        return self.image_size, self.image_size, 3
