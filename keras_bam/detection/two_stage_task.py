"""What a `TwoStageDetector` offers to training, measuring and drawing; see `DetectionTask`."""

from keras_bam.detection.anchor_targets import AnchorTargets


class TwoStageTask:
    """That of a `TwoStageDetector`.

    Images are letterboxed onto its canvas, and their true size goes with them.
    """

    def __init__(self, model, max_boxes=100):
        from keras_bam.data import DetectionAugment

        self.model = model
        self.classes = model.classes
        self.batches = {
            "size": model.anchors.canvas,
            "mode": "letterbox",
            "with_sizes": True,
            "encode": AnchorTargets(model.anchors, max_boxes),
        }
        # Images are mirrored, and nothing else.
        self.augment = DetectionAugment(colours=False, expand=1, crop=False)

    def compile(self, optimizer):
        self.model.compile(optimizer)

    def detect(self, images):
        return self.model.predict_on_batch(images)
