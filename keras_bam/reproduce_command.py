"""The command `reproduce`: argument names and a call into the package."""

from pathlib import Path

import keras

from keras_bam import data, recipe_options
from keras_bam.reproduction import TABLES, report, reproduce


def run(options):
    """`keras-bam reproduce`."""
    backend = keras.backend.backend()
    folder = options.out or Path("runs", f"reproduce-{options.table}-{options.dataset}-{backend}")
    found = reproduce(
        options.table,
        data.load(options.dataset, options.data),
        folder,
        rows=options.rows or (),
        models=options.model or (),
        form=options.form,
        recipe=options.recipe or "quick",
        seeds=options.seeds,
        images=options.images,
        **recipe_options.given(options),
    )
    print(f"\n{report.as_markdown(found)}")
    print(Path(folder, f"table-{options.table}.md"))


def add_parser(commands):
    """Adds `reproduce` to the commands of `keras-bam`; returns its parser."""
    help = "train the rows of one of the paper's tables, several seeds each"
    # Not shortened: --seed would be --seeds.
    parser = commands.add_parser("reproduce", help=help, allow_abbrev=False)
    parser.set_defaults(command=run)
    add = parser.add_argument
    add("table", metavar="TABLE", help=f"one of {', '.join(TABLES)}")
    add("--dataset", required=True, help=f"one of {', '.join(data.names())}")
    add("--data", metavar="FOLDER", help="where the data set's archives or images are")
    help = "train on so many of its training images only"
    add("--images", type=int, metavar="N", help=help)
    add("--seeds", type=int, default=5, metavar="N", help="runs of each row; 5 by default")
    help = "by number, variant or architecture; all by default. The baseline always comes along"
    add("--rows", nargs="+", metavar="ROW", help=help)
    help = "a network in place of the paper's; repeatable, for one of several architectures each"
    add("--model", action="append", metavar="[ARCHITECTURE=]NETWORK[:KEY=VALUE,...]", help=help)
    help = "of the BAMs, the paper's (the default) or the released code's"
    add("--form", choices=("paper", "official"), default="paper", help=help)
    help = "for the runs and the table, by default one below runs/; the same one goes on"
    add("--out", metavar="FOLDER", help=help)
    recipe_options.add(parser, without=("seed",))
    return parser
