"""Soft labels: label smoothing, mixup and CutMix, on whole batches."""

import keras
import numpy as np

_MIXING = 5  # tells its stream from those of the batches


class SoftLabels(keras.utils.PyDataset):
    """Batches with a distribution over the classes in place of each label.

    Mixup (arXiv:1710.09412) adds another image of the batch to each, with weight 1 - lambda; CutMix
    (arXiv:1905.04899) pastes a rectangle of it, of that share of the area; labels are mixed alike.
    Lambda, from Beta(alpha, alpha), and the pairs are drawn once a batch: a pure function of (seed,
    epoch, index). Train with `categorical_crossentropy`.

    Args:
        batches: `Batches` or `FileBatches`, or another with `epoch`, `data_format` and a length.
            `Prefetch` goes around `SoftLabels`, so that mixing too is done in its thread.
        classes: how many there are.
        label_smoothing: share of each label that is spread over all classes, 0..1.
        mixup, cutmix: alpha of the Beta distribution, 0 for none. With both one of the two, equally
            likely, is drawn for each batch.
        seed: of the mixing, 0 or more.

    Raises:
        ValueError: a value out of range; from a batch: a label that is none of the classes.
    """

    def __init__(
        self,
        batches,
        classes: int,
        label_smoothing: float = 0.0,
        mixup: float = 0.0,
        cutmix: float = 0.0,
        seed: int = 0,
    ):
        super().__init__()
        for name, value, least in (("classes", classes, 1), ("seed", seed, 0)):
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name} must be an integer of {least} or more, got {value!r}")
        if not 0 <= label_smoothing < 1:
            raise ValueError(f"label_smoothing must be 0 or more, below 1, got {label_smoothing!r}")
        for name, alpha in (("mixup", mixup), ("cutmix", cutmix)):
            if not 0 <= alpha < np.inf:
                raise ValueError(f"{name} must be 0 or more, got {alpha!r}")
        self.batches = batches
        self.classes = classes
        self.label_smoothing = label_smoothing
        self.mixup = mixup
        self.cutmix = cutmix
        self.seed = seed

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

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """The images, and float32 labels of shape (batch, classes), each row of sum 1."""
        generator = np.random.default_rng([self.seed, self.epoch, _MIXING, index])
        images, labels = self.batches[index]
        soft = self._smoothed(labels)
        alphas = [(mix_up, self.mixup), (cut_mix, self.cutmix)]
        chosen = [(mix, alpha) for mix, alpha in alphas if alpha]
        if not chosen:
            return images, soft
        mix, alpha = chosen[generator.integers(len(chosen))]
        partners = generator.permutation(len(images))
        share = generator.beta(alpha, alpha)
        if mix is cut_mix:
            spatial_axes = (2, 3) if self.data_format == "channels_first" else (1, 2)
            place = generator.random(2)
            images, share = cut_mix(images, partners, share, place, spatial_axes)
        else:
            images = mix_up(images, partners, share)
        return images, mix_up(soft, partners, share)

    def _smoothed(self, labels):
        if len(labels) and not 0 <= labels.min() <= labels.max() < self.classes:
            raise ValueError(
                f"classes={self.classes}, but the labels of a batch are "
                f"{labels.min()}..{labels.max()}; pass the number of class_names"
            )
        soft = np.full((len(labels), self.classes), self.label_smoothing / self.classes, np.float32)
        soft[np.arange(len(labels)), labels] += 1 - self.label_smoothing
        return soft


def mix_up(values: np.ndarray, partners: np.ndarray, share: float) -> np.ndarray:
    """share * values + (1 - share) * values[partners], in their dtype."""
    share = values.dtype.type(share)
    return share * values + (1 - share) * values[partners]


def cut_mix(images, partners, share, place, spatial_axes=(1, 2)):
    """Pastes into each image the same rectangle of its partner.

    Args:
        images: shape (batch, H, W, C), or with H and W on the axes `spatial_axes`.
        partners: for each image the index of the other.
        share: of the area that is kept, before the rectangle is clipped at the border.
        place: centre of the rectangle, in shares of height and width.

    Returns:
        A new array, and the share that was kept.
    """
    spans = []
    for axis, centre in zip(spatial_axes, place, strict=True):
        side = images.shape[axis]
        half = side * np.sqrt(1 - share) / 2
        spans.append(
            slice(
                *(
                    int(min(max(end, 0), side))
                    for end in (centre * side - half, centre * side + half)
                )
            )
        )
    window = [slice(None)] * images.ndim
    for axis, span in zip(spatial_axes, spans, strict=True):
        window[axis] = span
    mixed = images.copy()
    mixed[tuple(window)] = images[partners][tuple(window)]
    pasted = mixed[tuple(window)].size / mixed.size
    return mixed, 1 - pasted
