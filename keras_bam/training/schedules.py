"""The learning rate of a run, step by step."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_bam")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """A lower rate for the first steps, then another schedule from its own step 0.

    Args:
        after: a `LearningRateSchedule` or a number.
        steps: how many the warm-up takes.
        initial: rate of the first step.
        target: rate towards which it rises in a line; None leaves it at `initial`.
    """

    def __init__(self, after, steps, initial, target=None):
        self.after = after
        self.steps = steps
        self.initial = initial
        self.target = target

    def __call__(self, step):
        step = ops.cast(step, "float32")
        rise = 0.0 if self.target is None else (self.target - self.initial) / self.steps
        rising = self.initial + rise * step
        later = self.after
        if callable(later):
            later = later(ops.maximum(step - self.steps, 0.0))
        return ops.where(step < self.steps, rising, later)

    def get_config(self):
        return {
            "after": keras.saving.serialize_keras_object(self.after),
            "steps": self.steps,
            "initial": self.initial,
            "target": self.target,
        }

    @classmethod
    def from_config(cls, config):
        after = keras.saving.deserialize_keras_object(config["after"])
        return cls(**{**config, "after": after})


@keras.saving.register_keras_serializable("keras_bam")
class OfWholeBatches(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that counts whole batches where Keras counts the parts of them.

    With `gradient_accumulation_steps` Keras asks a schedule for the rate of each part.
    """

    def __init__(self, schedule, parts):
        self.schedule = schedule
        self.parts = parts

    def __call__(self, step):
        return self.schedule(step // self.parts)

    def get_config(self):
        serialized = keras.saving.serialize_keras_object(self.schedule)
        return {"schedule": serialized, "parts": self.parts}

    @classmethod
    def from_config(cls, config):
        schedule = keras.saving.deserialize_keras_object(config["schedule"])
        return cls(schedule, config["parts"])


def schedule(recipe, steps):
    """The rate of `recipe` over a run of so many steps of the optimizer: a number or a schedule."""
    rate = _by_batch(recipe, steps)
    parts = recipe.gradient_accumulation_steps
    return OfWholeBatches(rate, parts) if parts > 1 and callable(rate) else rate


def _by_batch(recipe, steps):
    peak, schedules = recipe.learning_rate, keras.optimizers.schedules
    warmup = round(recipe.warmup * steps)
    rest = max(steps - warmup, 1)
    match recipe.schedule:
        case "constant":
            after = peak
        case "step":
            # Keras changes the rate behind its boundary, and so at the step that follows.
            boundaries = [round(share * steps) - warmup - 1 for share in recipe.milestones]
            rates = [peak * recipe.decay_factor**i for i in range(len(boundaries) + 1)]
            after = schedules.PiecewiseConstantDecay(boundaries, rates)
        case "cosine":
            after = schedules.CosineDecay(peak, decay_steps=rest)
        case "linear":
            after = schedules.PolynomialDecay(peak, decay_steps=rest, end_learning_rate=0.0)
    if not warmup:
        return after
    target = peak if recipe.warmup_shape == "linear" else None
    return WarmUp(after, warmup, peak * recipe.warmup_factor, target)
