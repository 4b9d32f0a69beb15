"""Labelled images that stay in their files: what `LabelledImages` is for images in memory."""

from dataclasses import dataclass

import numpy as np

from keras_bam.data.labels import check_labels


@dataclass(frozen=True, eq=False)
class ImageFiles:
    """Paths of images, the class of each, and what the classes are called.

    Args:
        paths: at least one; the files are first opened when a batch needs them.
        labels: int64, shape (n,), each an index into `class_names`.
        class_names: one name a class.

    Raises:
        ValueError: there are no paths, lengths differ, or a label has no name.
    """

    paths: tuple[str, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]

    def __post_init__(self):
        if not self.paths:
            raise ValueError("paths must name at least one image, got none")
        check_labels(self.labels, len(self.paths), self.class_names)

    def __len__(self):
        return len(self.paths)

    def take(self, indices) -> "ImageFiles":
        """Those at `indices`, in that order."""
        paths = tuple(self.paths[index] for index in indices)
        return ImageFiles(paths, self.labels[indices], self.class_names)
