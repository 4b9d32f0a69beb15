"""Images packed as JPEG files into one `.npz`.

For each split ("train", "test") it holds `{split}_jpeg`, all files one after the other as uint8,
`{split}_offsets`, where each begins and the last one ends, and `{split}_labels`; for both together
`class_names`.
"""

import io
from pathlib import Path

import numpy as np

from keras_bam.data.dataset import LabelledImages
from keras_bam.extra import from_extra


def read_packed(path: Path, split: str, count: int | None = None) -> LabelledImages:
    """The images of a split, or its first `count`, all of one size, as RGB.

    Raises:
        ValueError: the file is truncated or corrupt, lacks an array or holds a broken image.
        ModuleNotFoundError: Pillow, which decodes the images, is not installed.
    """
    wanted = [f"{split}_jpeg", f"{split}_offsets", f"{split}_labels", "class_names"]
    jpeg, offsets, labels, class_names = _read_arrays(path, wanted)
    steps = np.diff(offsets.astype(np.int64))
    if len(steps) != len(labels) or (steps <= 0).any() or offsets[-1] != len(jpeg):
        raise ValueError(
            f"{path}: {split}_offsets do not fit {len(labels)} labels and {len(jpeg)} bytes: "
            "get the file again"
        )
    buffer, chosen = jpeg.tobytes(), range(len(labels) if count is None else count)
    files = (buffer[offsets[i] : offsets[i + 1]] for i in chosen)
    images = _decode(files, f"{path}: {split} image")
    names = tuple(str(name) for name in class_names)
    return LabelledImages(images, labels[: len(images)].astype(np.int64), names)


def _read_arrays(path: Path, wanted: list[str]) -> list[np.ndarray]:
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as arrays:
                missing = [name for name in wanted if name not in arrays]
                content = [] if missing else [arrays[name] for name in wanted]
        except Exception as error:  # a damaged zip file can fail in any way
            raise ValueError(
                f"{path} is truncated, corrupt or no .npz file ({error}): get the file again"
            ) from error
    if missing:
        raise ValueError(f"{path} lacks the arrays {', '.join(missing)}: get the file again")
    return content


def _decode(files, where: str) -> np.ndarray:
    Image = from_extra("PIL.Image")
    images: list[np.ndarray] = []
    for file in files:
        try:
            image = np.asarray(Image.open(io.BytesIO(file), formats=["JPEG"]).convert("RGB"))
        except OSError as error:
            raise ValueError(
                f"{where} {len(images)} is broken ({error}): get the file again"
            ) from error
        if images and image.shape != images[0].shape:
            raise ValueError(
                f"{where} {len(images)} has shape {image.shape}, those before it "
                f"{images[0].shape}: pack images of one size"
            )
        images.append(image)
    return np.stack(images)
