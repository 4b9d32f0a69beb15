"""What the runs of a table say: means over seeds, and paired differences to the baseline."""

import dataclasses

import numpy as np

from keras_bam.extra import from_extra
from keras_bam.reproduction.rows import Row
from keras_bam.reproduction.runs import Outcome

CONFIDENCE = 0.95


@dataclasses.dataclass(frozen=True)
class Difference:
    """The mean of n paired differences and its 95 % interval by Student's t with n - 1 degrees.

    Attributes:
        mean: of the differences.
        low, high: the interval's ends; None for a single pair.
        pairs: n.
    """

    mean: float
    low: float | None
    high: float | None
    pairs: int

    @property
    def excludes_zero(self):
        return self.low is not None and not self.low <= 0 <= self.high


@dataclasses.dataclass(frozen=True)
class MeasuredRow:
    """A row and its runs.

    Attributes:
        row: a `Row`.
        outcomes: by seed, of the runs that are at their end.
    """

    row: Row
    outcomes: dict[int, Outcome]

    @property
    def errors(self):
        """Top-1 error in % by seed, of the runs that did not diverge."""
        return {
            seed: found.error for seed, found in self.outcomes.items() if found.error is not None
        }

    @property
    def diverged(self):
        return [seed for seed, found in self.outcomes.items() if found.error is None]

    @property
    def mean(self):
        """Of the errors; None without any."""
        return float(np.mean(list(self.errors.values()))) if self.errors else None

    @property
    def deviation(self):
        """Sample standard deviation of the errors; None for fewer than two."""
        errors = list(self.errors.values())
        return float(np.std(errors, ddof=1)) if len(errors) > 1 else None

    @property
    def seconds(self):
        """Of a run, the mean; None without any."""
        seconds = [found.seconds for found in self.outcomes.values()]
        return float(np.mean(seconds)) if seconds else None

    @property
    def counts(self):
        """Parameters and multiply-adds; None without any run."""
        found = next(iter(self.outcomes.values()), None)
        return found and (found.parameters, found.multiply_adds)


@dataclasses.dataclass(frozen=True)
class Reproduction:
    """A table as far as it is reproduced.

    Attributes:
        table: "1a" to "5".
        dataset: its name.
        images: how many of it were trained on, and how many tested.
        recipes: of each network its `Recipe`, the seed apart.
        seeds: those asked for.
        rows: a `MeasuredRow` each, in the paper's order.
    """

    table: str
    dataset: str
    images: tuple[int, int]
    recipes: dict[str, dict]
    seeds: tuple[int, ...]
    rows: tuple[MeasuredRow, ...]

    def difference(self, measured):
        """Of a row's errors from its baseline's of the same seeds; None for the baseline itself."""
        if measured.row.is_baseline:
            return None
        architecture = measured.row.printed.architecture
        (baseline,) = (
            each
            for each in self.rows
            if each.row.is_baseline and each.row.printed.architecture == architecture
        )
        return paired_difference(measured.errors, baseline.errors)

    def printed_difference(self, measured):
        """The same of the errors that the paper prints."""
        if measured.row.is_baseline:
            return None
        architecture = measured.row.printed.architecture
        (baseline,) = (
            each.row.printed.error
            for each in self.rows
            if each.row.is_baseline and each.row.printed.architecture == architecture
        )
        return float(measured.row.printed.error) - float(baseline)

    @property
    def versions(self):
        """What the runs were made with, each set of versions, devices and date once."""
        found = []
        for measured in self.rows:
            for outcome in measured.outcomes.values():
                if outcome.versions not in found:
                    found.append(outcome.versions)
        return found


def paired_difference(errors, baseline):
    """The `Difference` of two dicts of numbers over the keys that both have; None without any."""
    seeds = sorted(set(errors) & set(baseline))
    if not seeds:
        return None
    differences = np.array([errors[seed] - baseline[seed] for seed in seeds])
    mean, pairs = float(differences.mean()), len(seeds)
    if pairs == 1:
        return Difference(mean, None, None, pairs)
    t = from_extra("scipy.stats").t.ppf((1 + CONFIDENCE) / 2, pairs - 1)
    reach = float(t * differences.std(ddof=1) / pairs**0.5)
    return Difference(mean, mean - reach, mean + reach, pairs)
