"""The command `plot`: argument names and a call into the package."""

from pathlib import Path

from keras_bam.extra import check_extra
from keras_bam.training.curves import plot_runs


def run(options):
    """`keras-bam plot`."""
    check_extra(("matplotlib",))
    path = options.out
    if path is None:
        path = Path(options.runs[0], "curves.png") if len(options.runs) == 1 else "curves.png"
    plot_runs(options.runs, path, mean_of_seeds=options.mean_of_seeds)
    print(path)


def add_parser(commands):
    """Adds `plot` to the commands of `keras-bam`; returns its parser."""
    parser = commands.add_parser("plot", help="the curves of one run, or of several in one picture")
    parser.set_defaults(command=run)
    add = parser.add_argument
    add("runs", nargs="+", metavar="RUN", help="a run's folder")
    help = "the picture, such as curves.png or curves.pdf; by default curves.png, of one run in it"
    add("--out", metavar="FILE", help=help)
    add(
        "--mean-of-seeds",
        action="store_true",
        help="draw runs that differ in nothing but the seed as their mean and standard deviation",
    )
    return parser
