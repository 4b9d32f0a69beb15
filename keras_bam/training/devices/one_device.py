"""What a run asks of its devices, and the answers where there is one."""

import contextlib
import json

import keras

from keras_bam.mistakes import MISTAKES

# What batch norm takes its mean and variance from.
OF_THE_BATCH = "the whole batch"
OF_THE_SHARE = "one device's share of the batch"
# Of errors that the other processes raise too: on a user's mistake all have to end with the same
# status, since the first of them to end gives the command's.
_KINDS = {kind.__name__: kind for kind in MISTAKES}


class LeftToTheFirst(keras.callbacks.Callback):
    """Stands on other processes where the first has a callback that writes or shows."""

    def get_state(self):
        return None

    def set_state(self, state):
        """There is nothing to remember."""


class Devices:
    """One device of one process; the others are subclasses.

    Every step is of the same batch as on one device: its rows are divided among the devices in
    equal parts, gradients and metrics are summed, and so are the same everywhere. A batch that does
    not divide, such as the last of an epoch, is computed whole on each of them.

    Attributes:
        count: of devices, all machines together.
        processes: how many there are.
        process: which one this is, from 0. The first writes the logs and files.
        batch_norm: what it takes mean and variance from, in words. Moving statistics are the mean
            of the devices'.
    """

    count = 1
    processes = 1
    process = 0
    batch_norm = OF_THE_BATCH

    @property
    def is_first(self):
        return self.process == 0

    def scope(self):
        """A context in which the model is built and compiled."""
        return contextlib.nullcontext()

    def check(self, model, recipe, on_error="raise"):
        """Raises ValueError for a batch that does not divide, or a model from outside `scope`."""
        if recipe.forward_batch_size % self.count:
            raise ValueError(
                f"batch_size={recipe.batch_size} in {recipe.gradient_accumulation_steps} part(s) "
                f"does not divide among {self.count} devices; take a multiple of "
                f"{self.count * recipe.gradient_accumulation_steps}"
            )

    def divide(self, batches):
        """What this process feeds to `fit` of `batches`."""
        return batches

    def training(self, model, batches):
        """A context around `model.fit`, after `compile`.

        Args:
            batches: what `divide` gave for the training data.
        """
        return contextlib.nullcontext()

    def after_restoring(self, model):
        """To be called when the variables were set to those of a checkpoint, on every process."""

    def threads(self, wanted):
        """How many threads decode images in this process, None for one on each processor."""
        return wanted

    @contextlib.contextmanager
    def held_by_first(self, held):
        """The context manager `held`, entered by the first process alone."""
        with contextlib.ExitStack() as stack:
            self.on_first(lambda: stack.enter_context(held) and None)
            yield

    def agreeing(self, asked):
        """A context that gives something true once `asked` is, at the same step everywhere."""
        return contextlib.nullcontext(asked)

    def gather(self, text):
        """The text that each process passed, in their order; waits for all of them."""
        return [text]

    def on_first(self, function):
        """What `function` returns on the first process, which alone calls it; the others wait.

        Returns:
            Its value, which JSON can hold, on every process.

        Raises:
            Exception: what it raised on the first; on the others ValueError, OSError, ImportError
                or FloatingPointError where that was one, else RuntimeError.
        """
        report, failure = {}, None
        if self.is_first:
            try:
                report = {"value": function()}
            except Exception as error:
                kind = next((name for name in _KINDS if isinstance(error, _KINDS[name])), None)
                report, failure = {"error": str(error), "kind": kind}, error
        report = json.loads(self.gather(json.dumps(report))[0])
        if failure is not None:
            raise failure
        if "error" in report:
            kind = _KINDS.get(report["kind"], RuntimeError)
            raise kind(f"the first process failed: {report['error']}")
        return report["value"]

    def check_same(self, facts):
        """Raises ValueError, naming what differs, unless all processes pass the same dict."""
        texts = {name: json.dumps(value, sort_keys=True) for name, value in facts.items()}
        everyone = [json.loads(gathered) for gathered in self.gather(json.dumps(texts))]
        for process, others in enumerate(everyone):
            names = sorted(
                name
                for name in {**everyone[0], **others}
                if others.get(name) != everyone[0].get(name)
            )
            if names:
                of_both = "; ".join(
                    f"{name}: {everyone[0].get(name)} and {others.get(name)}" for name in names
                )
                raise ValueError(
                    f"processes 0 and {process} disagree about {of_both}; start them with the "
                    "same command line and versions"
                )

    def facts(self):
        """Numbers and words for a run's `versions.json`."""
        return {
            "devices": self.count,
            "processes": self.processes,
            "batch_norm_sees": self.batch_norm,
        }
