"""SGD as the papers' recipes mean it: PyTorch's."""

import keras
from keras import ops

from keras_bam.training.schedules import schedule


@keras.saving.register_keras_serializable("keras_bam")
class SGD(keras.optimizers.SGD):
    """`keras.optimizers.SGD` with the arithmetic of `torch.optim.SGD` (dampening 0).

    The weight decay is added to the gradient, w * decay, before the momentum, and the learning rate
    is applied behind the momentum:

        v = momentum * v + gradient + weight_decay * w
        w = w - learning_rate * v

    (with Nesterov the gradient, decay included, plus momentum * v, in place of v). Keras's own
    decays weights apart from the momentum, and has the rate inside it, so that after a change of
    rate the two differ. Arguments, `exclude_from_weight_decay` too, are those of Keras.
    """

    def update_step(self, gradient, variable, learning_rate):
        rate = ops.cast(learning_rate, variable.dtype)
        step = ops.cast(gradient, variable.dtype)
        if self.weight_decay is not None and self._use_weight_decay(variable):
            step = ops.add(step, ops.multiply(self.weight_decay, variable))
        if self.momentum != 0:
            velocity = self.momentums[self._get_variable_index(variable)]
            self.assign(velocity, ops.add(ops.multiply(self.momentum, velocity), step))
            step = (
                ops.add(step, ops.multiply(self.momentum, velocity)) if self.nesterov else velocity
            )
        self.assign_sub(variable, ops.multiply(rate, step))

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        if keras.backend.backend() != "torch":
            return super()._backend_update_step(grads, trainable_variables, learning_rate)
        from keras_bam.ops import torch_sgd

        variables = trainable_variables
        velocities = (self.momentums[self._get_variable_index(v)].value for v in variables)
        decays = (float(self._use_weight_decay(v) and self.weight_decay or 0) for v in variables)
        torch_sgd.step(
            [v.value for v in variables],
            [ops.cast(gradient, v.dtype) for gradient, v in zip(grads, variables, strict=True)],
            list(velocities) if self.momentum else [],
            learning_rate,
            self.momentum,
            self.nesterov,
            list(decays),
        )

    def _apply_weight_decay(self, variables):
        """Keras's decoupled one; ours is in the step."""


def optimizer(recipe, steps):
    """The optimizer of `recipe` for a run of so many steps of the optimizer."""
    parts = recipe.gradient_accumulation_steps
    averaged = {}
    if recipe.ema_momentum:
        # Keras moves the average with every part of a batch.
        averaged = {"use_ema": True, "ema_momentum": recipe.ema_momentum ** (1 / parts)}
    made = SGD(
        schedule(recipe, steps),
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay or None,
        gradient_accumulation_steps=parts if parts > 1 else None,
        **averaged,
    )
    if recipe.weight_decay and not recipe.decay_all:
        made.exclude_from_weight_decay(var_names=["bias", "gamma", "beta", "layer_scale"])
    return made
