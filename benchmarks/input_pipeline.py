"""Images a second from files to augmented batches: ours, tf.data and a PyTorch DataLoader.

    KERAS_BACKEND=tensorflow python benchmarks/input_pipeline.py [TREE ...]

writes JPEG trees to a temporary folder: crops of scikit-learn's two photographs, 500x375; where
`../shared/data` is there also photographs of COCO and, 32x32, images of CIFAR-10. From each
tree every pipeline makes, epoch after epoch and in turn, float32 batches of random resized crops (8
to 100 % of the area), flipped at random and normalised, with the same number of workers: threads of
ours and of tf.data, processes of the DataLoader; ours has its own default, which is fewer for small
images. Writes medians over the rounds, and medians of the ratio within a round, to
benchmarks/results/input_pipeline.json, where trees that are not named keep what was measured
before. Needs a machine that does nothing else.

`keras.utils.image_dataset_from_directory` resizes to 256x256 before anything can be cropped; what
tf.data does by hand, decoding only the crop, is measured too. TensorFlow's resizing is not
antialiased here, which is its fast and common form; ours and Pillow's in the DataLoader are.
torchvision is not needed: its transform is written out below.
"""

import io
import itertools
import json
import math
import os
import random
import statistics
import sys
import tempfile
import time
import zipfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from PIL import Image

WORKERS = os.cpu_count()
BATCH_SIZE = 64
IMAGES = 1024
ROUNDS = 9
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[1] / "shared" / "data"
RESULTS = HERE / "results" / "input_pipeline.json"
PACKAGES = ("pillow", "simplejpeg", "tensorflow", "torch")


def photographs():
    """Random 500x375 crops of the two photographs, as JPEG."""
    from sklearn.datasets import load_sample_images

    generator = np.random.default_rng(0)
    for picture in itertools.islice(itertools.cycle(load_sample_images().images), IMAGES):
        top, left = (generator.integers(room + 1) for room in (427 - 375, 640 - 500))
        file = io.BytesIO()
        part = np.ascontiguousarray(picture[top : top + 375, left : left + 500])
        Image.fromarray(part).save(file, "JPEG", quality=92)
        yield file.getvalue()


def coco():
    with zipfile.ZipFile(SHARED / "coco_open53.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
        files = [archive.read(name) for name in names]
    yield from itertools.islice(itertools.cycle(files), IMAGES)


def cifar10():
    with np.load(SHARED / "cifar10_jpeg.npz") as packed:
        jpeg, offsets = packed["train_jpeg"], packed["train_offsets"]
        for i in range(IMAGES):
            yield jpeg[offsets[i] : offsets[i + 1]].tobytes()


def write_tree(folder, files):
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
    for number, content in enumerate(files):
        (folder / "ab"[number % 2] / f"{number:05}.jpg").write_bytes(content)


def ours(folder, size):
    from keras_bam.data import FileBatches, Prefetch
    from keras_bam.data.image_tree import read_classes

    batches = FileBatches(
        read_classes(folder),
        BATCH_SIZE,
        size=size,
        mean=MEAN,
        std=STD,
        augment=True,
    )
    prefetched = Prefetch(batches)

    def epoch(number):
        prefetched.epoch = number
        return (prefetched[index] for index in range(len(prefetched)))

    return epoch


def _tensorflow_crop(tf, shape):
    return tf.image.sample_distorted_bounding_box(
        shape,
        tf.zeros((1, 0, 4)),
        min_object_covered=0.0,
        aspect_ratio_range=(3 / 4, 4 / 3),
        area_range=(0.08, 1.0),
        max_attempts=10,
        use_image_if_no_bounding_boxes=True,
    )


def _tensorflow_finish(tf, crop, label, size):
    image = tf.image.random_flip_left_right(tf.image.resize(crop, (size, size)))
    return (image / 255.0 - MEAN) / STD, label


def _tensorflow_epochs(tf, dataset, make):
    options = tf.data.Options()
    options.threading.private_threadpool_size = WORKERS
    dataset = dataset.map(make, num_parallel_calls=WORKERS).batch(BATCH_SIZE)
    dataset = dataset.prefetch(2).with_options(options)
    return lambda number: iter(dataset)


def from_directory(folder, size):
    import keras
    import tensorflow as tf

    resized = (round(size * 256 / 224),) * 2
    dataset = keras.utils.image_dataset_from_directory(
        folder, image_size=resized, batch_size=None, shuffle=False, verbose=False
    )

    def make(image, label):
        begin, extent, _ = _tensorflow_crop(tf, tf.shape(image))
        return _tensorflow_finish(tf, tf.slice(image, begin, extent), label, size)

    return _tensorflow_epochs(tf, dataset, make)


def tensorflow_by_hand(folder, size):
    import tensorflow as tf

    paths = sorted(map(str, folder.glob("*/*.jpg")))
    labels = [int(Path(path).parent.name == "b") for path in paths]

    def make(path, label):
        content = tf.io.read_file(path)
        begin, extent, _ = _tensorflow_crop(tf, tf.image.extract_jpeg_shape(content))
        window = tf.concat([begin[:2], extent[:2]], 0)
        crop = tf.image.decode_and_crop_jpeg(content, window, channels=3)
        return _tensorflow_finish(tf, crop, label, size)

    return _tensorflow_epochs(tf, tf.data.Dataset.from_tensor_slices((paths, labels)), make)


class TorchImages(torch.utils.data.Dataset):
    """With torchvision's RandomResizedCrop, on Pillow."""

    def __init__(self, folder, size):
        self.paths, self.size = sorted(map(str, folder.glob("*/*.jpg"))), size
        self.mean, self.std = torch.tensor(MEAN), torch.tensor(STD)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        path = self.paths[index]
        with Image.open(path) as image:
            image = image.convert("RGB")
        image = image.resize(
            (self.size, self.size), Image.Resampling.BILINEAR, box=self.crop(*image.size)
        )
        if random.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        pixels = torch.from_numpy(np.array(image)).float().div_(255)
        return pixels.sub_(self.mean).div_(self.std), int(Path(path).parent.name == "b")

    @staticmethod
    def crop(width, height):
        for _ in range(10):
            area = width * height * random.uniform(0.08, 1.0)
            ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
            wide, high = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < wide <= width and 0 < high <= height:
                left, top = random.randint(0, width - wide), random.randint(0, height - high)
                return left, top, left + wide, top + high
        return 0, 0, width, height


def data_loader(folder, size):
    loader = torch.utils.data.DataLoader(
        TorchImages(folder, size),
        BATCH_SIZE,
        num_workers=WORKERS,
        persistent_workers=True,
        multiprocessing_context="spawn",
    )
    return lambda number: iter(loader)


PIPELINES = {
    "ours": ours,
    "keras.utils.image_dataset_from_directory": from_directory,
    "PyTorch DataLoader": data_loader,
    "tf.data by hand, decode_and_crop_jpeg": tensorflow_by_hand,
}
PEERS = list(PIPELINES)[1:3]
TREES = {"photographs 500x375": (photographs, 224), "COCO": (coco, 224), "CIFAR-10": (cifar10, 32)}


def measure(folder, size):
    """Images a second of each pipeline in each round."""
    epochs = {name: make(folder, size) for name, make in PIPELINES.items()}
    speeds = {name: [] for name in epochs}
    for number in range(1 + ROUNDS):
        for name, epoch in epochs.items():
            start = time.perf_counter()
            shapes = [tuple(images.shape) for images, _ in epoch(number)]
            seconds = time.perf_counter() - start
            if set(shapes) != {(BATCH_SIZE, size, size, 3)} or len(shapes) * BATCH_SIZE != IMAGES:
                raise SystemExit(f"{name} made batches of shapes {sorted(set(shapes))}")
            if number:
                speeds[name].append(IMAGES / seconds)
    return speeds


def summary(speeds):
    faster = [max(pair) for pair in zip(*(speeds[name] for name in PEERS), strict=True)]
    return {
        "images_per_second": {
            name: {
                "median": round(statistics.median(values)),
                "min": round(min(values)),
                "max": round(max(values)),
            }
            for name, values in speeds.items()
        },
        "ours_to_the_faster_of_keras_and_PyTorch": round(
            statistics.median(a / b for a, b in zip(speeds["ours"], faster, strict=True)), 3
        ),
    }


def main(names):
    from keras_bam.files import write_text
    from keras_bam.training.versions import versions

    measured = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in names or TREES:
        files, size = TREES[name]
        try:
            encoded = list(files())
        except FileNotFoundError as error:
            print(f"{name}: left out, {error}")
            continue
        with tempfile.TemporaryDirectory() as scratch:
            write_tree(Path(scratch), encoded)
            kilobytes = sum(map(len, encoded)) / len(encoded) / 1000
            speeds = measure(Path(scratch), size)
        measured[name] = {
            "versions": versions() | {"libraries": {name: version(name) for name in PACKAGES}},
            "workers": WORKERS,
            "batch_size": BATCH_SIZE,
            "images": IMAGES,
            "rounds": ROUNDS,
            "size": size,
            "mean_file_kB": round(kilobytes, 1),
            **summary(speeds),
        }
        print(name, json.dumps(measured[name], indent=1), flush=True)
    write_text(RESULTS, json.dumps(measured, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
