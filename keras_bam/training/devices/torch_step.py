"""A step of several processes that leaves all of them with the same variables."""

import torch
from torch import distributed


class Agreed:
    """True once a process was asked to stop before the latest step, on all of them."""

    def __init__(self):
        self.processes = 0  # that were asked: a tensor, on the device until one looks

    def __bool__(self):
        return bool(self.processes)


class SummedStep:
    """What takes the place of methods of a model and its optimizer, on each process.

    Args:
        model: compiled and built.
        rows: of a full batch, in this process.
        average: variables to replace by their mean over the processes after each step.

    Attributes:
        asked: true once this process was asked to stop.
        agreed: true on all processes after the step that follows.
    """

    def __init__(self, model, rows, average):
        self._model = model
        self._train_step, self._test_step = model.train_step, model.test_step
        self._scale_loss, self._apply = model.optimizer.scale_loss, model.optimizer.apply
        self._rows = rows
        self._average = average
        self._weight = 1.0
        self.asked: object = False
        self.agreed = Agreed()

    def train(self, data):
        """Keras's `train_step` on (images, labels, whether a row counts)."""
        self._weight = len(data[0]) / self._rows
        return self._with_summed_metrics(self._train_step, data, self._average)

    def test(self, data):
        return self._with_summed_metrics(self._test_step, data, [])

    def scale_loss(self, loss):
        """By this process's rows, before gradients go through synchronised batch norms."""
        return self._scale_loss(loss) * self._weight

    def apply(self, gradients, variables=None):
        """The optimizer's, with the mean over the rows of all processes."""
        present = [gradient for gradient in gradients if gradient is not None]
        weight = present[0].new_tensor([self._weight])
        *summed, weights = _sum([*present, weight])
        means = iter([gradient / weights for gradient in summed])
        self._apply([None if g is None else next(means) for g in gradients], variables)

    def _with_summed_metrics(self, step, data, average):
        """Metrics begin and end a step as those of all rows so far, of every process."""
        images, labels, counts = data
        metrics = [variable.value.data for variable in self._model.metrics_variables]
        before = [value.clone() for value in metrics]
        step((images, labels))
        with torch.no_grad():
            added = [(now - old) * counts[0] for now, old in zip(metrics, before, strict=True)]
            means = [variable.value.data / distributed.get_world_size() for variable in average]
            asked = counts.new_tensor([bool(self.asked)])
            *results, self.agreed.processes = _sum([*added, *means, asked])
            for value, old, sum in zip(metrics, before, results, strict=False):
                value.copy_(old + sum)
            for variable, mean in zip(average, results[len(metrics) :], strict=True):
                variable.value.data.copy_(mean)
        return self._model.get_metrics_result()


def _sum(tensors):
    """Each tensor summed over the processes, all in one exchange."""
    flat = torch.cat([tensor.reshape(-1).float() for tensor in tensors])
    distributed.all_reduce(flat)
    parts = flat.split([tensor.numel() for tensor in tensors])
    return [
        part.view(tensor.shape).to(tensor.dtype)
        for part, tensor in zip(parts, tensors, strict=True)
    ]
