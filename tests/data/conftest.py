"""Tiny CIFAR files in the official layouts, made anew for each test."""

import io
import pickle
import struct
import tarfile

import numpy as np
import pytest


@pytest.fixture
def cifar_images():
    """-> make(n, classes, seed): images uint8 (n, 32, 32, 3) and labels int64 (n,)."""

    def make(n, classes=10, seed=0):
        rng = np.random.default_rng(seed)
        images = rng.integers(0, 256, (n, 32, 32, 3), np.uint8)
        return images, rng.integers(0, classes, n)

    return make


@pytest.fixture
def python_file():
    """-> make(images, labels, label_key): a file of the python version."""

    def make(images, labels, label_key="labels"):
        pixels = np.ascontiguousarray(images.transpose(0, 3, 1, 2).reshape(len(images), -1))
        entries = {b"data": pixels, label_key.encode(): [int(label) for label in labels]}
        return pickle.dumps(entries, protocol=3)

    return make


@pytest.fixture
def python2_file():
    """-> make(images, labels): the opcodes that Python 2 left in the official files."""

    def make(images, labels):
        pixels = images.transpose(0, 3, 1, 2).tobytes()
        array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        state = b"(K\x01K" + bytes([len(images)]) + b"M\x00\x0c\x86"
        dtype = b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
        dtype += b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        raw = b"\x89T" + struct.pack("<i", len(pixels)) + pixels + b"tb"
        numbers = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
        return (
            b"\x80\x02}(U\x04data" + array + state + dtype + raw + b"U\x06labels" + numbers + b"u."
        )

    return make


@pytest.fixture
def binary_file():
    """-> make(images, labels, label_bytes): a file of the binary version."""

    def make(images, labels, label_bytes=1):
        pixels = images.transpose(0, 3, 1, 2).reshape(len(images), -1)
        head = np.zeros((len(images), label_bytes), np.uint8)
        head[:, -1] = labels
        return np.concatenate([head, pixels], axis=1).tobytes()

    return make


@pytest.fixture
def tar_gz(tmp_path):
    """-> make(name, files): a .tar.gz of {member: bytes, or a TarInfo without content}."""

    def make(name, files):
        path = tmp_path / name
        with tarfile.open(path, "w:gz") as tar:
            for member, content in files.items():
                if isinstance(content, tarfile.TarInfo):
                    tar.addfile(content)
                    continue
                info = tarfile.TarInfo(member)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
        return path

    return make
