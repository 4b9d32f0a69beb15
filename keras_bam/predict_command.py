"""The command `predict`: objects in images, drawn and written down."""

import json
from pathlib import Path

import keras

from keras_bam import training
from keras_bam.data.decoding import EncodedImage
from keras_bam.detection import Detected, draw_detections
from keras_bam.files import replacing, write_text

_JSON = "detections.json"


def run(options):
    """`keras-bam predict`."""
    if not 0 <= options.score <= 1:
        raise ValueError(f"--score must lie between 0 and 1, received {options.score}")
    pictures = _pictures(options.images, Path(options.out))
    model, notes = _model(options.model, options.which)
    found = training.detect_in_files(model, options.images, **notes)
    Path(options.out).mkdir(parents=True, exist_ok=True)
    entries = []
    for path, picture, detected in zip(options.images, pictures, found, strict=True):
        kept = detected.scores >= options.score
        detected = Detected(*(part[kept] for part in detected))
        pixels = EncodedImage(path).decode()
        with replacing(picture) as temporary:
            draw_detections(pixels, detected, notes["class_names"]).save(temporary)
        entries.append(_entry(path, picture, pixels, detected, notes["class_names"]))
        print(f"{picture}: {len(detected.scores)} objects")
    write_text(Path(options.out, _JSON), json.dumps({"images": entries}, indent=2) + "\n")


def _pictures(images, out):
    """Where the picture of each image goes."""
    pictures: dict[Path, str] = {}
    for image in images:
        picture = out / f"{Path(image).stem}.png"
        if picture in pictures:
            raise ValueError(
                f"{pictures[picture]} and {image} would both become {picture}; give them names of "
                "their own, or predict one after the other into two folders"
            )
        if picture.exists() and picture.samefile(image):
            raise ValueError(f"{image} would be overwritten: --out must be another folder")
        pictures[picture] = image
    return list(pictures)


def _model(path, which):
    path = Path(path)
    if path.suffix == ".keras":
        run = training.RunFolder(path.parent)
        return keras.saving.load_model(path, compile=False), training.read_notes(run)
    run = training.RunFolder.open(path)
    return run.load_model(which), training.read_notes(run)


def _entry(path, picture, pixels, detected, class_names):
    """One image of detections.json; boxes are left, top, right, bottom in its pixels."""
    height, width = pixels.shape[:2]
    objects = [
        {
            "class": class_names[int(label)],
            "score": round(float(score), 4),
            "box": [round(float(side), 2) for side in box],
        }
        for box, score, label in zip(*detected, strict=True)
    ]
    return {
        "file": str(path),
        "picture": str(picture),
        "height": height,
        "width": width,
        "objects": objects,
    }


def add_parser(commands):
    """Adds `predict` to the commands of `keras-bam`; returns its parser."""
    parser = commands.add_parser("predict", help="find objects in images, and draw them")
    parser.set_defaults(command=run)
    add = parser.add_argument
    help = "the folder of a detector's run, or a .keras file in one"
    add("model", metavar="RUN_OR_FILE", help=help)
    add("images", nargs="+", metavar="IMAGE", help="files")
    help = f"for a picture of each, NAME.png, and {_JSON}"
    add("--out", metavar="FOLDER", required=True, help=help)
    add(
        "--score",
        type=float,
        default=0.4,
        help="of what is drawn and written, at least; 0.4 by default",
    )
    add("--which", choices=("last", "best"), default="last", help="model of a run")
    return parser
