"""The curves of runs as a picture."""

from pathlib import Path

import numpy as np

from keras_bam.extra import from_extra
from keras_bam.files import replacing
from keras_bam.training.compared_runs import curves_of_log, curves_of_runs

_SUFFIXES = (".pdf", ".png", ".svg")
# Okabe and Ito's, which colour-blind readers tell apart.
_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_TRAIN = {"linestyle": "--", "linewidth": 0.9, "markerfacecolor": "white"}
_TEST = {"linestyle": "-", "linewidth": 1.6}
_TOP5 = {"linestyle": "-", "linewidth": 0.8, "alpha": 0.75}
_BEST = {"linestyle": "", "marker": "o", "markersize": 8, "markeredgecolor": "white", "zorder": 5}
_DOTS_UP_TO = 12  # epochs; more of them are a line without
_LONG_NAME = 50  # letters, of which two do not stand side by side
_LOGARITHMIC = 20  # a loss that starts this much above its median


def plot_curves(log, path, measured_on="test"):
    """`plot_runs` of a single log.csv, with or without a run around it.

    Args:
        log: path of the CSV file.
        path: of the picture.
        measured_on: what the `val_` columns were measured on.
    """
    _draw([curves_of_log(log, measured_on=measured_on)], path)


def plot_runs(runs, path, *, mean_of_seeds=False):
    """Loss, top-1 error (top-5 too where measured) and learning rate by epoch, of one run or more.

    Detectors have no error: in its place stand the terms of their loss.

    Training is dashed and thin, test solid and bold, and the best epoch marked.

    Args:
        runs: paths of their folders.
        path: of the picture; its suffix says the format: `.pdf`, `.png` or `.svg`.
        mean_of_seeds: draw runs that differ in nothing but the seed as their mean, with a band of
            one standard deviation to each side.

    Raises:
        ValueError: as `curves_of_runs` does, or for an unknown suffix.
        FileNotFoundError: if `path` lies in no folder.
    """
    _draw(curves_of_runs(runs, mean_of_seeds), path)


def _draw(curves, path):
    _check_path(path)
    height = 3.4 + 0.2 * (len(curves) if len(curves) > 1 else 0)
    # Without pyplot, which would change what the user's own figures are shown with.
    figure = from_extra("matplotlib.figure").Figure(figsize=(12, height), layout="constrained")
    loss, error, rate = figure.subplots(1, 3, width_ratios=(1, 1, 0.8))
    are_classifiers = any({"top1_error", "val_top1_error"} & set(each.log) for each in curves)
    second = "error, %" if are_classifiers else "terms of the loss"
    # One over the other, each thinner: rates are often the same.
    widths = np.linspace(1.4 + 0.8 * (len(curves) - 1), 1.4, len(curves))
    for each, color, width in zip(curves, _colors(len(curves)), widths, strict=True):
        _draw_loss(loss, each, color)
        (_draw_error if are_classifiers else _draw_terms)(error, each, color)
        _line(rate, each, "learning_rate", color=color, linewidth=width)
    epochs = max(each.log["epoch"].max() for each in curves)
    if _starts_far_above(curves):
        loss.set_yscale("log")  # before the limits, of which 0 is none of its own
    for axes, label in ((loss, "loss"), (error, second), (rate, "learning rate")):
        _label(axes, label, epochs)
    rate.set_ylim(bottom=0)
    if len(curves) == 1:
        loss.legend(frameon=False)
        error.legend(frameon=False)
    else:
        _legend_below(figure, error, curves)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=150)


def _label(axes, text, epochs):
    axes.set_xlabel("epoch")
    axes.set_ylabel(text)
    axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    if epochs == 1:
        axes.set_xlim(0, 2)
    axes.set_ylim(bottom=max(axes.get_ylim()[0], 0))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25, linewidth=0.6)


def _draw_loss(axes, curves, color):
    _line(axes, curves, "loss", label="train", color=color, **_TRAIN)
    _line(axes, curves, "val_loss", label=curves.measured_on, color=color, **_TEST)
    _band(axes, curves, "val_loss", color)


def _draw_error(axes, curves, color):
    _line(axes, curves, "top1_error", label="train top-1", color=color, **_TRAIN)
    measured = curves.measured_on
    _line(axes, curves, "val_top1_error", label=f"{measured} top-1", color=color, **_TEST)
    _band(axes, curves, "val_top1_error", color)
    _line(axes, curves, "val_top5_error", label=f"{measured} top-5", color=color, **_TOP5)
    if curves.best is not None:
        epoch = curves.log["epoch"][curves.best]
        lowest = curves.log["val_top1_error"][curves.best]
        label = f"best: {lowest:.2f} % (epoch {epoch:.0f})"
        axes.plot(epoch, lowest, label=label, color=color, **_BEST)


def _draw_terms(axes, curves, color):
    for term, style in (("classification", {}), ("localization", {"alpha": 0.5})):
        column = f"{term}_loss"
        _line(axes, curves, column, label=f"train {term}", color=color, **_TRAIN, **style)
        label = f"{curves.measured_on} {term}"
        _line(axes, curves, f"val_{column}", label=label, color=color, **_TEST, **style)


def _line(axes, curves, column, **style):
    if column not in curves.log:
        return
    values = curves.log[column]
    measured = ~np.isnan(values)
    marker = "o" if measured.sum() <= _DOTS_UP_TO else ""
    epochs = curves.log["epoch"][measured]
    axes.plot(epochs, values[measured], marker=marker, markersize=3.5, **style)


def _band(axes, curves, column, color):
    if curves.spread is not None and column in curves.spread:
        mean, spread = curves.log[column], curves.spread[column]
        epochs = curves.log["epoch"]
        axes.fill_between(epochs, mean - spread, mean + spread, color=color, alpha=0.25, lw=0)


def _legend_below(figure, axes, curves):
    """The runs by colour, with their error, and in grey what the lines mean."""
    line = from_extra("matplotlib.lines").Line2D
    runs = [
        line([], [], color=color, label=each.name + _achieved(each), **_TEST)
        for each, color in zip(curves, _colors(len(curves)), strict=True)
    ]
    measured_on = " or ".join(dict.fromkeys(each.measured_on for each in curves))
    styles = {"train": _TRAIN, measured_on: _TEST}
    if any("val_top5_error" in each.log for each in curves):
        styles["top-5"] = _TOP5
    styles["best epoch"] = _BEST
    meanings = [line([], [], color="0.4", label=text, **style) for text, style in styles.items()]
    if any(each.spread is not None for each in curves):
        patch = from_extra("matplotlib.patches").Patch
        meanings.append(patch(color="0.4", alpha=0.25, lw=0, label="± 1 standard deviation"))
    axes.legend(handles=meanings, frameon=False, fontsize="small")
    columns = 1 if max(len(each.name) for each in curves) > _LONG_NAME else 2
    figure.legend(handles=runs, loc="outside lower center", ncols=columns, frameon=False)


def _achieved(curves):
    if curves.best is None:
        return ""
    errors = curves.log["val_top1_error"]
    if curves.spread is None:
        return f", best {errors[curves.best]:.2f} %"
    return f", last {errors[-1]:.2f} ± {curves.spread['val_top1_error'][-1]:.2f} %"


def _colors(count):
    if count <= len(_COLORS):
        return _COLORS[:count]
    return from_extra("matplotlib").colormaps["turbo"](np.linspace(0.05, 0.95, count))


def _starts_far_above(curves):
    """Whether one loss is so large that the others would lie on the axis."""
    names = ("loss", "val_loss")
    losses = np.concatenate(
        [each.log[name] for each in curves for name in names if name in each.log]
    )
    losses = losses[np.isfinite(losses) & (losses > 0)]
    return losses.size > 0 and losses.max() > _LOGARITHMIC * np.median(losses)


def _check_path(path):
    path = Path(path)
    if path.suffix.lower() not in _SUFFIXES:
        raise ValueError(f"path={str(path)!r} must end in one of {', '.join(_SUFFIXES)}")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(path.parent)!r} for {path.name!r}")
