"""The numbers of a two-stage detector, those of its training and those of its test."""

import dataclasses

from keras_bam.layers.arguments import boolean, fraction, positive_integer


@dataclasses.dataclass(frozen=True, kw_only=True)
class TwoStageSettings:
    """By default those of the recipe that the BAM paper's numbers point to.

    That is Faster R-CNN in the form "C4" of a well-known program for PyTorch, with 256 samples in
    each stage; the paper gives none.

    Attributes:
        training_candidates, candidates: anchors that the suppression of proposals looks at, in
            training and else; all, if there are fewer.
        training_proposals, proposals: how many come out of it.
        proposal_iou_threshold: of it.
        anchor_samples: anchors of an image that the first stage trains on, half of them objects.
        samples: proposals of an image that the second stage trains on, a quarter of them objects.
        random_samples: whether they are drawn at random, or are the first that there are.
        pool_size: of RoIAlign.
        score_threshold, iou_threshold, max_detections: of the suppression in each class.

    Raises:
        ValueError: for a wrong value.
    """

    training_candidates: int = 12000
    training_proposals: int = 2000
    candidates: int = 6000
    proposals: int = 300
    proposal_iou_threshold: float = 0.7
    anchor_samples: int = 256
    samples: int = 256
    random_samples: bool = True
    pool_size: int = 7
    score_threshold: float = 0.01
    iou_threshold: float = 0.3
    max_detections: int = 100

    def __post_init__(self):
        checks = {int: positive_integer, float: fraction, bool: boolean}
        for field in dataclasses.fields(self):
            checks[type(field.default)](field.name, getattr(self, field.name))

    def check(self, anchors):
        """Raises ValueError if more is asked for than there are anchors."""
        for name in ("training_proposals", "proposals", "anchor_samples"):
            if getattr(self, name) > anchors:
                raise ValueError(
                    f"{name}={getattr(self, name)}, but this canvas has {anchors} anchors: pass "
                    "fewer, or a larger input_shape"
                )
