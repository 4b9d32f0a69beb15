"""docs/zoo.md from the results of `benchmarks/zoo.py`."""

import re

from keras_bam.backend_choice import BACKENDS

PAGE = """# `insert` on every network we could build

Every network of keras.applications, and the image backbones of KerasCV {keras_cv} and KerasHub
{keras_hub}, with random weights (seed {seed}), on three backends. This page is written by
`benchmarks/zoo.py` from `benchmarks/results/zoo.json`, where each number stands in full; the
networks' arguments are in `tests/ecosystem.py`.

{summary}

**Places** are what `keras_bam.bottlenecks(model)` finds. **Parameters** and **multiply-adds** of
one image, in millions, are those of `keras_bam.complexity`: of the plain network, and what
`insert(model, BAM(...))` adds; at the network's own input size, at 224 x 224 where it leaves it
open.

**Each backend's column** has two numbers. First, how far the outputs of
`insert(model, BAM(layer_scale_init_value=0))` are from the plain network's, both through
`predict`; 0 is equality to the bit. Second, after `/`, the largest difference of the predictions
of its `.keras` file, saved with a layer scale of 1 and loaded in other processes on JAX,
TensorFlow and PyTorch, from those before saving. Differences are the largest of any output element,
over the largest element. Also checked, and only mentioned where it does not hold: kept layers have
their names and, to the bit, their weights; the source's configs and weights are as before; all
weights in the loaded model are to the bit those saved; outputs are finite; the modules have an
effect. "As the plain network": nor does the
plain graph, `keras.Model(model.input, model.output)`, load from a file of its own. Files of † were
loaded on their own backend and one other only, those of ‡ on their own only. "weights equal" was
inserted into and compared weight for weight, but neither run nor saved: in keras.applications all
but one network of each family, for the time it takes, run on PyTorch only, and the largest nowhere.
On JAX, NumPy drew the starting weights, because JAX compiles each draw for each shape.

{tables}

{footnotes}

## Detection

{retinanet}

## Made with

{versions}
"""
LIBRARIES = {
    "keras.applications": "keras.applications",
    "keras_cv.models": "KerasCV",
    "keras_hub.models": "KerasHub",
}
TITLES = {"jax": "JAX", "tensorflow": "TensorFlow", "torch": "PyTorch"}
WITHOUT_RESULT = {"not_built": "not built", "refused": "refused", "failed": "**fails**"}
TOLERANCE = 1e-4
_COLOUR = re.compile("\x1b" + r"\[[0-9;]*m")
_PREDICTIONS = "loaded predictions differ"


class Footnotes:
    def __init__(self):
        self._texts: list[str] = []

    def mark(self, text):
        # Messages of libraries: coloured in a terminal, and with brackets that Markdown would read.
        text = " ".join(_COLOUR.sub("", text).replace("[", r"\[").split())
        if text not in self._texts:
            self._texts.append(text)
        return f"[^{self._texts.index(text) + 1}]"

    def __str__(self):
        return "\n".join(f"[^{number}]: {text}" for number, text in enumerate(self._texts, 1))


def page(results, networks):
    """Markdown, with a row for each of `networks` in their order, run or not."""
    notes = Footnotes()
    tables = [_table(results, networks, library, notes) for library in LIBRARIES]
    made = results["libraries"]
    return PAGE.format(
        keras_cv=made["keras-cv"],
        keras_hub=made["keras-hub"],
        seed=results["seed"],
        summary=_summary(results),
        tables="\n\n".join(tables),
        footnotes=notes,
        retinanet=_retinanet(results.get("retinanet")),
        versions="\n".join(map(_version, results["versions"].values())),
    )


def _table(results, networks, library, notes):
    columns = ["network", "places", "parameters", "added", "multiply-adds", "added"]
    columns += [TITLES[backend] for backend in BACKENDS]
    lines = ["| " + " | ".join(columns) + " |", "|---|---|" + "---:|" * (len(columns) - 2)]
    for network in networks:
        if network.library == library:
            row = results["networks"].get(network.name, {"backends": {}})
            lines.append("| " + " | ".join(_cells(network.name, row, notes)) + " |")
    return f"## {LIBRARIES[library]}\n\n" + "\n".join(lines)


def _cells(name, row, notes):
    records = row["backends"]
    places = {tuple(record["places"]) for record in records.values() if "places" in record}
    loads = min((len(r["reloads"]) for r in records.values() if "reloads" in r), default=3)
    mark = {1: " ‡", 2: " †", 3: ""}[loads]
    found = " or ".join(" ".join(f"`{place}`" for place in option) for option in sorted(places))
    counted = row.get("counted", {})
    counts = []
    for number in ("parameters", "multiply_adds"):
        plain, added = (counted.get(which, {}).get(number) for which in ("plain", "added"))
        counts.append("" if plain is None else f"{plain / 1e6:,.2f}")
        counts.append("" if added is None else f"{(added - plain) / 1e6:,.3f}")
    outcomes = (outcome(records.get(backend), notes) for backend in BACKENDS)
    unknown = counted.get("plain", {}).get("unknown")
    if unknown:
        counts[2] += notes.mark(
            f"Without {len(unknown)} layers whose multiply-adds `complexity` does not know, such "
            f"as `{unknown[0]}`."
        )
    return [name + mark, found or ("none" if records else ""), *counts, *outcomes]


def outcome(record, notes):
    """A cell: the two differences, and all that is not as it should be."""
    if record is None:
        return "not run"
    for key, word in {
        "not_built": "not built",
        "refused": "refused",
        "failed": "**fails**",
    }.items():
        if key in record:
            return word + notes.mark(record[key])
    reloads = record.get("reloads", {})
    wrong = [f"**{text}**" + _reason(text, record, notes) for text in _wrong(record)]
    wrong += [
        f"**does not load on {TITLES[backend]}**"
        + notes.mark(reload["failed"].split("Exception encountered: ")[-1])
        for backend, reload in reloads.items()
        if "failed" in reload
    ]
    if "failed" in record.get("plain_file", {}):
        wrong.append("as the plain network")
    if "difference" not in record:
        return ", ".join(wrong or ["weights equal"])
    loaded = [reload["difference"] for reload in reloads.values() if "difference" in reload]
    numbers = [_short(record["difference"]), *([_short(max(loaded))] if loaded else [])]
    if any(not reload.get("safe_mode", True) for reload in reloads.values()):
        numbers[-1] += notes.mark("Its own `Lambda` layers load with `safe_mode=False` only.")
    return ", ".join([" / ".join(numbers), *wrong])


def _reason(text, record, notes):
    if text != _PREDICTIONS or "sensitivity" not in record:
        return ""
    return notes.mark(
        "With weights equal to the bit. An image larger by a millionth changes the copy's own "
        f"outputs, on one backend, by {_short(record['sensitivity'])}."
    )


def _wrong(record):
    """What is not as it should be, in words."""
    checks = {
        "kept weights differ": record["kept_weights"],
        "source changed": record["source_untouched"],
    }
    if "difference" in record:
        loaded = [reload for reload in record["reloads"].values() if "failed" not in reload]
        checks |= {
            "outputs differ": record["difference"] <= TOLERANCE,
            "outputs not finite": record["finite"],
            "modules without effect": record["effect_of_modules"] > 0,
            "loaded weights differ": all(reload["weights_equal"] for reload in loaded),
            _PREDICTIONS: all(r["difference"] <= TOLERANCE for r in loaded),
            "modules lost": all(r["modules"] == len(record["places"]) for r in loaded),
        }
    return [text for text, holds in checks.items() if not holds]


def _short(number):
    return "0" if number == 0 else f"{number:.0e}".replace("e-0", "e-")


def _summary(results):
    networks = results["networks"]
    records = [r for row in networks.values() for r in row["backends"].values()]
    done = [record for record in records if "places" in record]
    ran = [record for record in done if "difference" in record]
    reloads = [reload for record in ran for reload in record["reloads"].values()]
    fine = [record for record in done if not _wrong(record)]
    equal = sum(record["difference"] == 0 for record in ran)
    loaded = [reload for reload in reloads if "failed" not in reload]
    largest = max((reload["difference"] for reload in loaded), default=0)
    count = {
        key: sum(key in record for record in records) for key in ("not_built", "refused", "failed")
    }
    plain_class = sum(any("that class's" in text for text in r["warnings"]) for r in done)
    levels = [record["pyramid"] for record in done if record["pyramid"]]
    refined = sum(bool(record["refined"]) for record in levels)
    return (
        f"{len(networks)} networks, {len(records)} pairs of network and backend. Inserted: "
        f"{len(done)}; refused by `insert` with a message that says why: "
        f"{count['refused']}; not built by their library: {count['not_built']}; failed: "
        f"{count['failed']}. Of {len(ran)} inserted and run, {equal} have outputs equal to the "
        f"bit; all checks below hold for {len(fine)} of the {len(done)}. Of {len(reloads)} loads "
        f"of saved files {len(loaded)} succeeded; the largest difference is {_short(largest)}. "
        f"In {plain_class} pairs `insert` warned that the copy is a plain `keras.Model`, because "
        f"the constructor of its class draws a graph of its own. {len(levels)} pairs declare "
        "pyramid levels "
        f"(`pyramid_outputs`, `pyramid_level_inputs`); the copies have them in memory, {refined} "
        "with levels that come out of modules, and the files do not."
    )


def _retinanet(record):
    if record is None:
        return "Not run."
    if "failed" in record:
        return f"KerasCV's RetinaNet could not be trained: {record['failed']}"
    levels = record["pyramid_level_inputs"]
    moved = [
        level for level in levels["plain"] if levels["plain"][level] != levels["inserted"][level]
    ]
    unchanged = ", ".join(f"`{path}`" for path in record["unchanged"])
    return (
        f"KerasCV's RetinaNet (TensorFlow) trains one step with {record['backbone']} behind "
        f"`insert(backbone, BAM)`; `benchmarks/retinanet.py`. Its `pyramid_level_inputs` point to "
        f"the modules at {', '.join(moved)}; {len(record['modules_in_feature_extractor'])} "
        f"modules are in the detector's feature extractor. The step's loss is "
        f"{record['loss']['loss']:.4f}; it changed {record['changed_by_the_step']} of the modules' "
        f"{record['trainable_weights_of_modules']} trainable weights"
        + (f", not {unchanged}." if unchanged else ".")
    )


def _version(made):
    packages = ", ".join(f"{name} {version}" for name, version in made["packages"].items())
    return f"- {TITLES[made['backend']]}, {made['date']}: {packages}; {made['device']}"
