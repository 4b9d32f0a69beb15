"""ResNet50 with BAM and without: what network_speed.py measures, by the process that it runs in.

"with straightforward BAM" is the same module as one would write it in Keras at first, "with bare
BAM" the part of it that no BAM can do without.

A case has "what" ("step" or "inference"), "batch", "size", "dtype" and "compiled".
"""

import numpy as np

CLASSES = 1000


def images_and_labels(case):
    rng = np.random.default_rng(0)
    images = rng.normal(size=(case["batch"], case["size"], case["size"], 3)).astype("float32")
    return images, rng.integers(0, CLASSES, case["batch"])


def pytorchcv_contenders(case):
    import torch
    from pytorchcv.models.bamresnet import bam_resnet50
    from pytorchcv.models.resnet import resnet50

    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = getattr(torch, case["dtype"])
    images, labels = images_and_labels(case)
    x = torch.from_numpy(images).permute(0, 3, 1, 2).to(device)
    labels = torch.from_numpy(labels).to(device)
    found = {}
    for name, build in (("plain", resnet50), ("with BAM", bam_resnet50)):
        network = build(num_classes=CLASSES).to(device, memory_format=torch.channels_last)
        images = x.contiguous(memory_format=torch.channels_last)
        forward = torch.compile(network, dynamic=False) if case["compiled"] else network
        how = "compiled" if case["compiled"] else "eager"
        run = _torch_run(case, network, forward, images, labels, device, dtype)
        found[f"pytorchcv {how}, {name}"] = run
    return found


def _torch_run(case, network, forward, images, labels, device, dtype):
    import torch

    optimizer = torch.optim.SGD(network.parameters(), 1e-4, momentum=0.9)
    network.train(case["what"] == "step")

    def run():
        with torch.autocast(device, dtype, enabled=dtype != torch.float32):
            if case["what"] == "inference":
                with torch.no_grad():
                    forward(images)
            else:
                loss = torch.nn.functional.cross_entropy(forward(images), labels)
        if case["what"] == "step":
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if device != "cpu":
            torch.cuda.synchronize()

    return run


def keras_contenders(case):
    """`train_on_batch` and `predict_on_batch`, as `fit` and `predict` call them: compiled by JAX,
    a graph on TensorFlow, eager on PyTorch unless "compiled" is asked for."""
    import keras
    from bare_bam import BareBAM
    from straightforward_bam import StraightforwardBAM

    from keras_bam import applications

    backend = keras.backend.backend()
    if case["dtype"] != "float32":
        keras.config.set_dtype_policy(f"mixed_{case['dtype']}")
    images, labels = map(keras.ops.convert_to_tensor, images_and_labels(case))
    names = {"jax": "JAX jit", "tensorflow": "TensorFlow graph", "torch": "PyTorch eager"}
    modules = {"plain": None, "with BAM": "bam", "with bare BAM": BareBAM}
    modules["with straightforward BAM"] = StraightforwardBAM
    found = {}
    for name, attention in modules.items():
        model = applications.ResNet50(attention=attention, weights=None, classes=CLASSES)
        optimizer = keras.optimizers.SGD(1e-4, momentum=0.9)
        loss = keras.losses.SparseCategoricalCrossentropy()
        model.compile(optimizer, loss, jit_compile=True if backend == "jax" else False)

        def run(model=model):
            if case["what"] == "inference":
                return np.asarray(model.predict_on_batch(images))
            return float(model.train_on_batch(images, labels))

        found[f"keras_bam, {names[backend]}, {name}"] = run
    return found


CONTENDERS = {
    "pytorchcv": pytorchcv_contenders,
    **dict.fromkeys(("torch", "jax", "tensorflow"), keras_contenders),
}
