"""Which rows of the paper's tables are trained, and what stands for their networks."""

import dataclasses

from keras_bam import applications, paper, spelling

TABLES = ("1a", "1b", "1c", "2", "3a", "5")  # those of classification with 32x32 images
_BASELINE = "baseline"


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of a table as it is to be trained.

    Attributes:
        printed: the `PaperRow`.
        network: `name:key=value,...`, the paper's or what stands for it.
        attention: as on the command line; None for the baseline.
        after: the same; None for the module's usual place.
    """

    printed: paper.PaperRow
    network: str
    attention: str | None
    after: str | None

    @property
    def name(self):
        return _name(self.printed)

    @property
    def is_baseline(self):
        return self.printed.variant == _BASELINE


def select(table, wanted=(), models=(), form="paper"):
    """The rows of a table that are asked for, and the baseline of each of their architectures.

    Args:
        table: one of `TABLES`.
        wanted: of each row its number in the table, its variant, its architecture, or both as
            `Row.name` has them; none for all rows.
        models: a network in place of the paper's, or "ARCHITECTURE=NETWORK" for one of several.
        form: of the BAMs, "paper" or "official".

    Raises:
        ValueError: for a table or row that does not exist, listing those that do; for an unknown
            network, or one that does not say for which architecture it is.
    """
    if table not in TABLES:
        raise ValueError(
            f"there is no table {table!r} to reproduce; those that can be are {', '.join(TABLES)}"
        )
    if form not in ("paper", "official"):
        raise ValueError(f"form must be 'paper' or 'official', received {form!r}")
    of_table = [row for row in paper.rows() if row.table == table]
    chosen = {index for each in wanted for index in _matching(each, of_table)}
    chosen = chosen or set(range(len(of_table)))
    architectures = {of_table[index].architecture for index in chosen}
    rows = [
        row
        for index, row in enumerate(of_table)
        if index in chosen or (row.variant == _BASELINE and row.architecture in architectures)
    ]
    networks = _networks(models, {row.architecture: row.network for row in rows})
    return [_row(row, networks[row.architecture], form) for row in rows]


def _matching(wanted, rows):
    text = str(wanted).strip().lower()
    found = [
        index
        for index, row in enumerate(rows)
        if text
        in (str(index + 1), row.variant.lower(), row.architecture.lower(), _name(row).lower())
    ]
    if not found:
        known = "; ".join(f"{number} {_name(row)}" for number, row in enumerate(rows, 1))
        raise ValueError(
            f"table {rows[0].table} has no row {str(wanted)!r}; its rows, by number or name: "
            f"{known}"
        )
    return found


def _networks(models, networks):
    """`networks` by architecture, with those in their places that `models` names."""
    networks = dict(networks)
    for model in models:
        of = [name for name in networks if model.startswith(f"{name}=")]
        if not of and len(networks) > 1:
            raise ValueError(
                f"model {model!r} must say which architecture it stands for, as "
                f"{next(iter(networks))}={model}; the rows asked for have {', '.join(networks)}"
            )
        architecture = of[0] if of else next(iter(networks))
        networks[architecture] = model.removeprefix(f"{architecture}=")
    return networks


def _row(printed, network, form):
    attention, after = printed.attention or None, printed.after or None
    if form == "official" and attention is not None:
        name, colon, arguments = attention.partition(":")
        if name == "bam":
            attention = f"bam:form=official{',' if colon else ''}{arguments}"
    # Raises for a network that there is not, or that has no such places.
    applications.places(spelling.parse(network)[0], after or "bottlenecks")
    return Row(printed, network, attention, after)


def _name(printed):
    return f"{printed.architecture} {printed.variant}"
