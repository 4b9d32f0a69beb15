"""What a run shows while it lasts, and the line it closes with."""

import statistics
import time

import keras

_EPOCHS_TIMED = 5  # the latest ones, whose median says how long the next will take
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


class Progress(keras.callbacks.ProgbarLogger):
    """Keras's bar and a line below it with `verbose=1`, one line an epoch with `verbose=2`.

    It takes the place of Keras's own `ProgbarLogger`, and shows of the logs what is there: loss,
    top-1 and top-5 accuracy with the error in brackets, of a detector's loss the localization, and
    what `Measurements` adds to them. The
    time left counts the epochs to come at the pace of the latest ones, saving included.

    Args:
        measured_on: what the images of the `val_` entries are called.
    """

    async_safe = True  # as Keras's own bar, which is drawn beside the training

    def __init__(self, measured_on="test"):
        super().__init__()
        self.measured_on = measured_on

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self._ends = [time.perf_counter()]
        self._names = ()

    def on_epoch_begin(self, epoch, logs=None):
        if self.verbose == 1:
            super().on_epoch_begin(epoch, logs)

    def on_train_batch_end(self, batch, logs=None):
        self._names = tuple(logs)
        if self.verbose == 1:
            super().on_train_batch_end(batch, logs)

    def on_epoch_end(self, epoch, logs=None):
        self._ends.append(time.perf_counter())
        left = (self.epochs - epoch - 1) * _pace(self._ends)
        facts = epoch_facts(logs, self.measured_on)
        if left:
            facts.append(f"{duration(left)} left")
        if self.verbose == 1:
            super().on_epoch_end(epoch, {name: logs[name] for name in self._names})
            print("  " + " - ".join(facts[1:]), flush=True)
        elif self.verbose == 2:
            print(f"epoch {epoch + 1}/{self.epochs} - " + " - ".join(facts), flush=True)


def epoch_facts(logs, measured_on):
    """What the logs of an epoch say, as short texts: first of training, then of all else."""
    facts = [f"train {_results(logs, '')}"]
    if "val_loss" in logs:
        facts.append(f"{measured_on} {_results(logs, 'val_')}")
    if "learning_rate" in logs:
        facts.append(f"lr {logs['learning_rate']:.3g}")
    if "images_per_second" in logs:
        facts.append(f"{logs['images_per_second']:,.0f} images/s")
    if "seconds" in logs:
        facts.append(duration(logs["seconds"]))
    return facts


def closing_line(results):
    """' * Prec@1 76.860 Prec@5 93.416', as the paper's authors print their accuracies in percent.

    Of a detector ' * mAP 77.800 AP 25.100': VOC 2007's, and COCO's where it was measured.

    Args:
        results: a dict, as `evaluate` returns it; without `top5_accuracy` only the first is shown.
    """
    if "mAP" in results:
        found = [(name, results.get(name)) for name in ("mAP", "AP")]
        known = [f" {name} {100 * value:.3f}" for name, value in found if value is not None]
        return " *" + "".join(known)
    line = f" * Prec@1 {100 * results['accuracy']:.3f}"
    if "top5_accuracy" in results:
        line += f" Prec@5 {100 * results['top5_accuracy']:.3f}"
    return line


def duration(seconds):
    """'8 s', '3 min 20 s', '1 h 5 min': the largest unit and the next."""
    seconds = max(round(seconds), 1)
    for (size, unit), (next_size, next_unit) in zip(_UNITS, _UNITS[1:], strict=False):
        if seconds >= size:
            rest = seconds % size // next_size
            return f"{seconds // size} {unit}" + (f" {rest} {next_unit}" if rest else "")
    return f"{seconds} s"


def _results(logs, prefix):
    texts = [f"loss {logs[prefix + 'loss']:.4f}"]
    for name, title in (("accuracy", "top-1"), ("top5_accuracy", "top-5")):
        if prefix + name in logs:
            accuracy = 100 * logs[prefix + name]
            texts.append(f"{title} {accuracy:.2f} % (error {100 - accuracy:.2f})")
    if prefix + "localization_loss" in logs:
        texts.append(f"of it localization {logs[prefix + 'localization_loss']:.4f}")
    return ", ".join(texts)


def _pace(ends):
    """Seconds an epoch takes: the first one, which compiles, counts only while it is the only."""
    seconds = [after - before for before, after in zip(ends, ends[1:], strict=False)]
    return statistics.median((seconds[1:] or seconds)[-_EPOCHS_TIMED:])
