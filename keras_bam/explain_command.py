"""The command `explain`: argument names, and calls into the package."""

import argparse
import json
from pathlib import Path

import numpy as np

from keras_bam import explain, explained_images, explained_model, export_command
from keras_bam.applications.packaged import NAMES
from keras_bam.data.normalization import normalize
from keras_bam.explain.grad_cam_figure import probabilities
from keras_bam.extra import check_extra
from keras_bam.files import replacing_together, write_text
from keras_bam.layers import BAM


def run(options):
    """`keras-bam explain`."""
    check_extra(("matplotlib",))
    if (options.mean is None) != (options.std is None):
        raise ValueError("--mean and --std go together: pass both, or neither")
    subject = explained_model.find(options)
    pictures = [explained_images.read(path, subject.size) for path in options.images]
    pixels = np.stack([picture.pixels for picture in pictures])
    fed = normalize(pixels, subject.mean, subject.std)
    if subject.channels_first:
        fed = np.moveaxis(fed, -1, 1)
    _check(subject.model)
    maps = _attention(subject.model, fed, options)
    cams = _grad_cams(subject.model, fed, options, maps)
    shares = []
    if options.boxes is not None and maps:
        shares = explain.box_share(maps, explained_images.read_boxes(options.boxes, pictures))
    facts = _facts(pictures, maps, cams, shares, subject.class_names)
    last = explain.feature_map(subject.model, fed) if maps and cams else None
    for path in _write(options.out, subject, pictures, pixels, maps, cams, last, facts):
        print(path)
    _print(facts)


def _check(model):
    if not (_has_bam(model) or _is_classifier(model)):
        raise ValueError(
            f"{model.name!r} has no BAM, whose attention could be shown, and gives "
            f"{model.output_shape}: Grad-CAM needs a classifier, which gives one number a class"
        )


def _has_bam(model):
    return any(isinstance(layer, BAM) for layer in model._flatten_layers())


def _is_classifier(model):
    shape = model.output_shape
    return isinstance(shape, tuple) and len(shape) == 2


def _attention(model, fed, options):
    if not _has_bam(model):
        print(f"{model.name} has no BAM: there is Grad-CAM to show, and no attention")
        return []
    return explain.attention_maps(model, fed, random_weights=options.random_weights)


def _grad_cams(model, fed, options, maps):
    if not _is_classifier(model):
        shape = model.output_shape
        print(f"{model.name} gives {shape} and is no classifier: there is no Grad-CAM to show")
        return []
    layers = options.layer or [*(each.name for each in maps), None]
    return [
        explain.grad_cam(
            model, fed, layer, options.class_index, random_weights=options.random_weights
        )
        for layer in layers
    ]


def _facts(pictures, maps, cams, shares, class_names):
    """What the pictures show, in numbers."""
    facts = []
    for index, picture in enumerate(pictures):
        fact = {"image": picture.path}
        if cams:
            share = probabilities(cams[0].logits[index])
            best = int(share.argmax())
            fact["class_index"] = best
            fact["taken for"] = f"class {best}" if class_names is None else class_names[best]
            fact["probability"] = round(float(share[best]), 4)
        fact["attention"] = [_numbers(each, index) for each in maps]
        for numbers, each in zip(fact["attention"], shares, strict=bool(shares)):
            if not np.isnan(each.attention[index]):
                numbers["box_share"] = round(float(each.attention[index]), 4)
                numbers["box_share_stretched"] = round(float(each.stretched[index]), 4)
        facts.append(fact)
    return facts


def _numbers(maps, index):
    mean = maps.mean_attention[index]
    values = {"min": mean.min(), "mean": mean.mean(), "max": mean.max()}
    rounded = {name: round(float(value), 4) for name, value in values.items()}
    return {"bam": maps.name, **rounded, "random_weights": maps.random_weights}


def _write(out, subject, pictures, pixels, maps, cams, last, facts):
    """Writes all pictures or none; returns their paths."""
    titles = [fact.get("taken for", "").replace("_", " ") for fact in facts]
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with replacing_together(out / "explain") as folder:
        if maps:
            for index, name in enumerate(_names(pictures)):
                path = folder / f"attention-{name}.png"
                explain.plot_attention(maps, pixels, path, index, titles[index])
            explain.plot_hierarchy(maps, pixels, folder / "hierarchy.png", last, titles)
        if cams:
            explain.plot_grad_cam(cams, pixels, folder / "grad_cam.png", subject.class_names)
        write_text(folder / "explain.json", json.dumps(facts, indent=1) + "\n")
        written = sorted(path.name for path in folder.iterdir())
    return [out / name for name in written]


def _names(pictures):
    """The files' names without suffix; where one comes again, with its number behind."""
    names = []
    for picture in pictures:
        stem = Path(picture.path).stem
        again = sum(Path(other.path).stem == stem for other in pictures[: len(names)])
        names.append(f"{stem}-{again + 1}" if again else stem)
    return names


def _print(facts):
    for fact in facts:
        print(f"\n{fact['image']}", end="")
        if "taken for" in fact:
            print(f": taken for {fact['taken for']}, {100 * fact['probability']:.1f} %", end="")
        print()
        for numbers in fact["attention"]:
            line = "  {bam}: M {min:.2f} to {max:.2f}, mean {mean:.2f}".format(**numbers)
            if "box_share" in numbers:
                line += "; in the boxes {box_share:.2f} of chance, {box_share_stretched:.2f} with "
                line += "its smallest value put to 0"
                line = line.format(**numbers)
            print(line + (" (random weights)" if numbers["random_weights"] else ""))


def add_parser(commands):
    """Adds `explain` to the commands of `keras-bam`; returns its parser."""
    parser = commands.add_parser("explain", help="pictures of what attention does to images")
    parser.set_defaults(command=run)
    add = parser.add_argument
    own = ", ".join(NAMES)
    help = "a run's folder, a .keras file, published weights (.pth, .safetensors, .h5), or the "
    add("model", metavar="MODEL", help=help + f"name of weights in this package: {own}")
    add("images", nargs="+", metavar="IMAGE", help="an image file; its centre is shown")
    add("--out", required=True, metavar="DIR", help="for the pictures, and explain.json")
    add("--which", choices=("last", "best"), default="last", help="model of a run")
    help = "for Grad-CAM, such as stage3_block2_out; repeatable; by default each BAM and the last"
    add("--layer", action="append", metavar="NAME", help=help)
    add("--class-index", type=int, metavar="N", help="for Grad-CAM; the predicted by default")
    help = 'JSON, {"cat.jpg": [[left, top, right, bottom], ...]} in pixels: attention inside'
    add("--boxes", metavar="FILE", help=help)
    help = f"for a run where its data set's archives are; for a file {export_command.DATA_SET}"
    add("--data", help=f"{help}, whose normalisation and classes it takes")
    help = "of the pixels on the scale 0 to 1, with commas, instead"
    add("--mean", type=_numbers_of, metavar="R,G,B", help=help)
    add("--std", type=_numbers_of, metavar="R,G,B", help="likewise")
    add("--size", type=int, metavar="PIXELS", help="for models that take any; 224 by default")
    help = "whether to mark the pictures so; by default the weights are looked at"
    add("--random-weights", action=argparse.BooleanOptionalAction, default=None, help=help)
    return parser


def _numbers_of(text):
    try:
        return tuple(map(float, text.split(",")))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be like 0.5,0.5,0.5, received {text!r}") from None
