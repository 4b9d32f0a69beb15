"""What one of several processes takes of each batch."""

from dataclasses import dataclass

import keras
import numpy as np


@dataclass(frozen=True)
class Share:
    """Rows of a batch that are one part's: equal parts, or all rows where that can't be.

    Attributes:
        part: which one, from 0.
        parts: how many.
        devices: how many the batch must divide among, a multiple of `parts`; 0 is `parts`.
    """

    part: int = 0
    parts: int = 1
    devices: int = 0

    def divides(self, count: int) -> bool:
        """Whether so many rows fall into equal parts; if not, each part is the whole batch."""
        return count % (self.devices or self.parts) == 0

    def rows(self, count: int) -> slice:
        """This part's of so many rows."""
        if not self.divides(count):
            return slice(0, count)
        size = count // self.parts
        return slice(self.part * size, (self.part + 1) * size)


class SharedBatches(keras.utils.PyDataset):
    """One part's share of each batch: images, labels, and whether each row counts here.

    A batch that does not divide is the same in every part, and counts in the first one only. Images
    of other parts are not read, unless they are mixed into this part's (MixUp, CutMix).

    Args:
        batches: `Batches` or `FileBatches`, as they are or in `SoftLabels` and `Prefetch`. From now
            on they make this share alone, where they can.
        share: which part.
    """

    def __init__(self, batches, share: Share):
        super().__init__()
        self.batches = batches
        self.share = share
        self._ordered = batches
        mixes = False
        while hasattr(self._ordered, "batches"):
            mixes = mixes or bool(
                getattr(self._ordered, "mixup", 0) or getattr(self._ordered, "cutmix", 0)
            )
            self._ordered = self._ordered.batches
        self._made_whole = mixes
        if not mixes:
            self._ordered.share = share

    @property
    def epoch(self) -> int:
        """That of the batches."""
        return self.batches.epoch

    @epoch.setter
    def epoch(self, epoch: int):
        self.batches.epoch = epoch

    @property
    def data_format(self) -> str:
        """That of the batches."""
        return self.batches.data_format

    def __len__(self):
        return len(self.batches)

    def divides(self, index: int) -> bool:
        """Whether batch `index` falls into equal parts."""
        return self.share.divides(self._ordered.images_in(index))

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Images, labels, either maybe nested, and float32 ones or zeros of shape (rows,)."""
        images, labels = self.batches[index]
        divides = self.divides(index)
        if self._made_whole:
            divides = self.share.divides(len(images))  # damaged ones may have been left out
            rows = self.share.rows(len(images))
            images, labels = images[rows], labels[rows]
        counts = divides or self.share.part == 0
        rows_made = len(keras.tree.flatten(images)[0])
        return images, labels, np.full(rows_made, counts, np.float32)
