"""Tables 1, 2, 3 and 5 of arXiv:1807.06514, counted: what is printed beside what the networks have.

`paper_tables.csv` holds the rows as printed, and the network that each is of.
"""

import csv
import dataclasses
import decimal
import functools
import importlib.resources

import keras

from keras_bam import applications, spelling
from keras_bam.counting import complexity
from keras_bam.layers import BAM

REASONS = {  # why our count of the paper's form is not the printed one, as far as it is known
    "": "",
    "no shifts": "printed without the shift parameters of the backbone's batch norms",
    "norms inside too": "equal with batch norm behind the hidden layers too",
    "third layout": "equal with batch norm over C at the end of both branches, and inside",
    "ratio 4": "the count with r=4; the other tables print 23.42M for the same error",
    "ten classes": "the count with 10 classes, as in the ResNeXt paper",
    "one more SE": "unexplained; one more SE behind each of the first two stages would give it",
    "padded": "multiply-adds equal if the 12x12 map is zero-padded to 14x14, as ours is not",
}


@dataclasses.dataclass(frozen=True)
class PaperRow:
    """One row as printed, and how to build it.

    Attributes:
        table: "1a" to "5".
        architecture: as printed.
        variant: as printed.
        network: `name:key=value,...`, of `applications.build`.
        attention: of the network, "" for none.
        after: of the network, "" for the module's usual place.
        size: height and width of its input; CIFAR-100 at 32, ImageNet above.
        parameters: as printed, such as "23.71M"; "" where the table has none.
        gflops: as printed, in 1e9 multiply-adds.
        error: top-1 error in %; for ImageNet top-1/top-5.
        reason: why our count of the paper's form is not what is printed.
    """

    table: str
    architecture: str
    variant: str
    network: str
    attention: str
    after: str
    size: int
    parameters: str
    gflops: str
    error: str
    reason: str

    def build(self, form=None):
        """The network, with kernels of zeros: it is for counting.

        Args:
            form: "paper", "official", or None; of the BAMs, if there are any.
        """
        name, arguments = spelling.parse(self.network)
        attention = self.attention or None
        if self.attention.startswith("bam"):
            _, settings = spelling.parse(self.attention)
            attention = BAM(form=form or "paper", kernel_initializer="zeros", **settings)
        return applications.build(
            name,
            attention=attention,
            after=self.after or None,
            input_shape=_image_shape(self.size),
            kernel_initializer="zeros",
            **arguments,
        )


@dataclasses.dataclass(frozen=True)
class Counts:
    """What a row's network has.

    Attributes:
        paper: parameters with BAM by the paper's equations; of the network, if it has no BAM.
        official: with BAM as in the released code; None without BAM.
        third: with batch norm over C at the end of both branches, expanded, and behind the hidden
            layers; None without BAM. It is counted here, but `BAM` does not offer it.
        multiply_adds: the same for all three.
    """

    paper: int
    official: int | None
    third: int | None
    multiply_adds: int

    def layouts_as_printed(self, row):
        """Which of "paper", "official", "third" have the parameters that `row` prints."""
        layouts = {"paper": self.paper, "official": self.official, "third": self.third}
        return [
            name
            for name, parameters in layouts.items()
            if parameters is not None
            and row.parameters
            and printed(parameters, row.parameters) == row.parameters
        ]

    def multiply_adds_as_printed(self, row):
        """Whether the multiply-adds are those that `row` prints; None where it prints none."""
        return printed(self.multiply_adds, row.gflops) == row.gflops if row.gflops else None


@functools.cache
def rows():
    """The 84 rows, in the paper's order."""
    text = importlib.resources.files("keras_bam").joinpath("paper_tables.csv").read_text("utf-8")
    return tuple(
        PaperRow(**{**row, "size": int(row["size"]), "reason": REASONS[row["reason"]]})
        for row in csv.DictReader(text.splitlines())
    )


def count(row):
    """The `Counts` of a row. The network is built once; rows that share it share the result."""
    return _count(
        dataclasses.replace(row, table="", variant="", parameters="", gflops="", error="")
    )


@functools.cache
def _count(row):
    model = row.build()
    counted = complexity(model)
    bams = [layer for layer in model.layers if isinstance(layer, BAM)]
    if not bams:
        return Counts(counted.parameters, None, None, counted.multiply_adds)
    layouts = ("paper", "official", "third")
    in_bams = [sum(bam_parameters(bam, _channels(bam), name) for bam in bams) for name in layouts]
    backbone = counted.parameters - in_bams[0]
    paper, official, third = (backbone + parameters for parameters in in_bams)
    return Counts(paper, official, third, counted.multiply_adds)


def _channels(bam):
    return bam.input.shape[-1 if bam.data_format == "channels_last" else 1]


def bam_parameters(bam, channels, layout):
    """Parameters of a built BAM, would it have its batch norms as in a layout.

    Args:
        bam: the layer; its weights other than batch norms' are counted as they are.
        channels: of the features that it was built on.
        layout: "paper", "official" or "third", see `Counts`.
    """
    hidden = channels // bam.reduction_ratio
    inside = {"channel": 2 * hidden, "spatial": 6 * hidden}
    end = {"channel": 2 * channels, "spatial": 2 if layout == "paper" else 2 * channels}
    norms = sum(
        (layout != "paper") * inside[branch] + (layout != "official") * end[branch]
        for branch in bam.branches
    )
    kinds = (keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)
    layers = [layer for layer in bam._flatten_layers() if isinstance(layer, kinds)]
    return norms + sum(layer.count_params() for layer in layers)


def printed(number, like):
    """`number` as the paper prints it: rounded half up to three decimals, then to as many as
    `like` has. "23.71M" or "1.22" says in which unit, 1e6 or 1e9, and how many decimals."""
    unit = "M" if like.endswith("M") else ""
    value = decimal.Decimal(number) / (10**6 if unit else 10**9)
    decimals = len(like.removesuffix("M").partition(".")[2])
    for places in ([] if unit else [3]) + [decimals]:
        value = value.quantize(decimal.Decimal(1).scaleb(-places), decimal.ROUND_HALF_UP)
    return f"{value}{unit}"


def _image_shape(size):
    channels_last = keras.config.image_data_format() == "channels_last"
    return (size, size, 3) if channels_last else (3, size, size)
