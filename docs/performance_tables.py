"""The tables of docs/performance.md, from what the benchmarks of speed recorded."""

PARTS = {"forward": "forward", "both": "forward and backward"}
WAYS = ("JAX jit", "TensorFlow graph", "PyTorch eager")
TARGETS = {"forward": (0.55, 0.8), "both": (0.65, 0.8)}


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def shown(shape):
    return "x".join(map(str, shape))


def readme_table(ratios, cases):
    """For each backend: one BAM to pytorchcv's in the mean, ResNet50 with BAM to without."""
    of_network = {case["what"]: case["with_BAM_to_plain"] for case in cases}
    rows = []
    for way in WAYS:
        row = [way]
        for what in PARTS:
            found = ratios[f"keras_bam, {way}, {what}, float32, channels_last"]
            row.append(f"{found['geometric_mean']:.2f} (at most {found['largest']:.2f})")
        row += [f"{of_network[what][f'keras_bam, {way}']:.2f}" for what in ("inference", "step")]
        rows.append(row)
    theirs = (f"{of_network[what]['pytorchcv eager']:.2f}" for what in ("inference", "step"))
    rows.append(["pytorchcv, PyTorch eager", "1", "1", *theirs])
    head = ["to pytorchcv's `BamBlock`, eager; to the plain network"]
    head += ["one BAM, forward", "forward and backward"]
    return table([*head, "`ResNet50`, inference", "`ResNet50`, training step"], rows) + "\n"


def speed_tables(cases):
    tables = []
    for what, title in PARTS.items():
        chosen = [
            case
            for case in cases
            if (case["what"], case["dtype"], case["data_format"])
            == (what, "float32", "channels_last")
        ]
        names = dict.fromkeys(name for case in chosen for name in case["milliseconds"])
        rows = [
            [name, *(f"{case['milliseconds'][name]['median']:.2f}" for case in chosen)]
            for name in names
            if all(name in case["milliseconds"] for case in chosen)
        ]
        head = [f"{title}, ms", *(shown(case["shape"]) for case in chosen)]
        tables.append(table(head, rows) + "\n")
    return "\n".join(tables)


def speed_ratios(ratios):
    ways = dict.fromkeys(key.split(", forward")[0] for key in ratios if ", forward" in key)
    columns = [(what, dtype) for what in PARTS for dtype in ("float32", "bfloat16")]
    rows = []
    for way in ways:
        found = [ratios.get(f"{way}, {what}, {dtype}, channels_last") for what, dtype in columns]
        cells = [
            f"{row['geometric_mean']:.2f}, {row['largest']:.2f}" if row else "" for row in found
        ]
        rows.append([way, *cells])
    return table(["", *(f"{PARTS[what]}, {dtype}" for what, dtype in columns)], rows)


def met(ratios):
    """A sentence a way of running: which of the two aims it meets, in float32, channels last."""
    sentences = []
    for way in WAYS:
        parts = []
        for what, (mean, largest) in TARGETS.items():
            row = ratios[f"keras_bam, {way}, {what}, float32, channels_last"]
            fine = row["geometric_mean"] <= mean and row["largest"] <= largest
            parts.append(f"{'meets' if fine else 'misses'} the {PARTS[what]} aim")
        sentences.append(f"{way} {' and '.join(parts)}")
    return "; ".join(sentences) + "."


def limit_table(cases):
    rows = []
    for case in cases:
        for way, row in case["limits"].items():
            rows.append(
                [
                    f"{PARTS[case['what']]}, {shown(case['shape'])}, {way}",
                    f"{row['convolutions']:.2f}",
                    f"{row['passes']:.2f}",
                    f"{row['ours']:.2f}",
                    f"{row['pytorchcv']:.2f}",
                    f"{row['ours_to_limit']:.2f}",
                    f"{row['limit_to_pytorchcv']:.2f}",
                ]
            )
    head = ["ms", "convolutions", "passes", "ours", "pytorchcv eager"]
    return table([*head, "ours to limit", "limit to pytorchcv"], rows)


def calls_table(limits):
    found = {what: limits[f"calls, {what}"] for what in PARTS}
    ways = (*(f"keras_bam, {way}" for way in WAYS), "pytorchcv eager, channels first")
    rows = [[way, *(f"{found[what][way]['median']:.2f}" for what in PARTS)] for way in ways]
    return table(["ms", *PARTS.values()], rows)


def network_table(cases):
    by_what = {case["what"]: case for case in cases}
    inference, step = by_what["inference"], by_what["step"]
    rows = []
    for name in inference["milliseconds"]:
        if name.endswith(", plain"):
            plain = name
        row = [name]
        for case in (inference, step):
            median = case["milliseconds"][name]["median"]
            row += [f"{median:.0f}", f"{median / case['milliseconds'][plain]['median']:.2f}"]
        memory = step.get("mebibytes", {})
        known = plain in memory
        row += (
            [f"{memory[name]:.0f}", f"{memory[name] - memory[plain]:+.0f}"] if known else ["", ""]
        )
        rows.append(row)
    head = ["", "inference, ms", "to plain", "training step, ms", "to plain"]
    return table([*head, "memory of a step, MiB", "beyond plain"], rows)


def short(name):
    return name.removeprefix("keras_bam, ")


def growth_table(cases):
    times, memory = (list(cases[0][part]) for part in ("both, ms", "both, MiB"))
    rows = []
    for case in cases:
        row = [f"{case['grows']} {case['value']}", f"{shown(case['shape'])}, batch {case['batch']}"]
        row += [f"{case['both, ms'][way]['median']:.1f}" for way in times]
        row += [f"{case['both, MiB'][way]:.1f}" for way in memory]
        rows.append(row)
    heads = (*(f"{short(way)}, ms" for way in times), *(f"{short(way)}, MiB" for way in memory))
    return table(["grows", "map", *heads], rows)


def steps_table(cases):
    """Of PyTorch's eager forward pass; pytorchcv's whole beside it, in the faster format."""
    ours = [name for name in cases[0]["milliseconds"] if not name.startswith("pytorchcv")]
    rows = []
    for case in cases:
        found = case["milliseconds"]
        theirs = min(ms for name, ms in found.items() if name.startswith("pytorchcv"))
        parts = [found[name] for name in ours]
        rows.append([shown(case["shape"]), *(f"{x:.2f}" for x in (*parts, sum(parts), theirs))])
    return table(["ms", *ours, "sum", "pytorchcv eager"], rows)


def import_table(milliseconds):
    parts = ("import keras", "import keras_bam")
    rows = [
        [backend, *(f"{found[part]['median']:.0f}" for part in parts)]
        for backend, found in milliseconds.items()
    ]
    return table(["backend", *(f"{part}, ms" for part in parts)], rows)
