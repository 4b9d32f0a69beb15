"""One process of bam_speed.py: builds what is asked for and runs it, a line of JSON at a time.

    bam_speed_worker.py pytorchcv|torch|jax|tensorflow

It reads {"prepare": CASE} and answers with the names of what it can run in that case, and reads
{"run": NAME, "seconds": S} and answers with a list of seconds, one a run. A case has "shape",
(height, width, channels), "batch", "what" ("forward" or "both"), "dtype", "data_format" and
"compiled".
"""

import gc
import json
import os
import sys
import time
import traceback

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def maps(case):
    shape = case["batch"], *case["shape"]
    if case["data_format"] == "channels_first":
        shape = shape[0], shape[3], *shape[1:3]
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def pytorchcv_contenders(case):
    """The official form; eager and compiled, in both of PyTorch's memory formats."""
    import torch
    from pytorchcv.models.bamresnet import BamBlock

    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = getattr(torch, case["dtype"])
    features = torch.from_numpy(maps(case | {"data_format": "channels_first"})).to(device, dtype)
    found = {}
    for name, memory in (
        ("channels first", torch.contiguous_format),
        ("channels last", torch.channels_last),
    ):
        block = BamBlock(features.shape[1]).to(device, dtype, memory_format=memory)
        block.train(case["what"] == "both")
        x = features.contiguous(memory_format=memory)
        found |= torch_runs(case, "pytorchcv", f", {name}", block, x, device)
    x, target = features.clone(), torch.empty_like(features)
    found["copy"] = timed_torch(lambda: target.copy_(x), device)
    return found


def torch_runs(case, name, suffix, module, features, device):
    import torch

    def runner(module):
        if case["what"] == "forward":

            def run():
                with torch.no_grad():
                    module(features)

            return run
        upstream = torch.randn_like(features)
        x = features.detach().clone().requires_grad_()

        def run():
            module(x).backward(upstream)
            x.grad = None

        return run

    found = {f"{name} eager{suffix}": timed_torch(runner(module), device)}
    if case["compiled"]:
        torch._dynamo.reset()
        compiled = torch.compile(module, dynamic=False)
        found[f"{name} compiled{suffix}"] = timed_torch(runner(compiled), device)
    return found


def timed_torch(run, device):
    if device == "cpu":
        return run
    import torch

    def waiting():
        run()
        torch.cuda.synchronize()

    return waiting


def keras_layers(case):
    import keras
    from straightforward_bam import StraightforwardBAM

    from keras_bam.layers import BAM

    keras.config.set_dtype_policy(
        "float32" if case["dtype"] == "float32" else f"mixed_{case['dtype']}"
    )
    for name, layer in (
        ("keras_bam", BAM(data_format=case["data_format"])),
        ("straightforward Keras", StraightforwardBAM(data_format=case["data_format"])),
    ):
        features = maps(case)
        layer.build(features.shape)
        yield name, layer, features


def torch_contenders(case):
    import torch
    from keras.src.backend.torch.core import get_device

    found = {}
    for name, layer, features in keras_layers(case):
        x = torch.from_numpy(features).to(get_device(), getattr(torch, case["dtype"]))
        training = case["what"] == "both"
        call = _Call(layer, training)
        found |= torch_runs(case, f"{name}, PyTorch", "", call, x, get_device())
    return found


class _Call:
    def __init__(self, layer, training):
        self.layer, self.training = layer, training

    def __call__(self, x):
        return self.layer(x, training=self.training)


def jax_contenders(case):
    import jax

    found = {}
    for name, layer, features in keras_layers(case):
        trainable = [v.value for v in layer.trainable_variables]
        other = [v.value for v in layer.non_trainable_variables]
        x = jax.numpy.asarray(features, case["dtype"])
        upstream = x[::-1]

        def forward(trainable, other, x, layer=layer):
            return layer.stateless_call(trainable, other, x, training=False)[0]

        def both(trainable, other, x, upstream, layer=layer):
            def training(trainable, x):
                return layer.stateless_call(trainable, other, x, training=True)

            outputs, back, others = jax.vjp(training, trainable, x, has_aux=True)
            return outputs, back(upstream), others

        arguments = (trainable, other, x, *([upstream] if case["what"] == "both" else []))
        step = jax.jit(forward if case["what"] == "forward" else both)

        def run(step=step, arguments=arguments):
            jax.block_until_ready(step(*arguments))

        found[f"{name}, JAX jit"] = run
    return found


def tensorflow_contenders(case):
    import tensorflow as tf

    found = {}
    for name, layer, features in keras_layers(case):
        x = tf.cast(features, case["dtype"])
        upstream = tf.reverse(x, [0])
        variables = [v.value for v in layer.trainable_variables]

        def forward(x, layer=layer):
            return layer(x, training=False)

        def both(x, layer=layer, variables=variables, upstream=upstream):
            with tf.GradientTape() as tape:
                tape.watch(x)
                outputs = layer(x, training=True)
            return outputs, tape.gradient(outputs, [x, *variables], upstream)

        for how, jit in (("graph", False), ("XLA", True)):
            step = forward if case["what"] == "forward" else both
            step = tf.function(step, jit_compile=jit, autograph=False)

            def run(step=step, x=x):
                outputs = step(x)
                tf.nest.flatten(outputs)[0][0, 0, 0, 0].numpy()

            found[f"{name}, TensorFlow {how}"] = run
    return found


CONTENDERS = {
    "pytorchcv": pytorchcv_contenders,
    "torch": torch_contenders,
    "jax": jax_contenders,
    "tensorflow": tensorflow_contenders,
}


def seconds_of(run, seconds):
    run()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


def main():
    answers = sys.stdout
    sys.stdout = sys.stderr
    contenders = {}
    for line in sys.stdin:
        asked = json.loads(line)
        if "prepare" in asked:
            contenders = {}
            gc.collect()
            try:
                made = CONTENDERS[sys.argv[1]](asked["prepare"])
            except Exception:  # what a backend can't do is told, the others go on
                traceback.print_exc()
                made = {}
            for name, run in made.items():
                try:
                    run()
                    contenders[name] = run
                except Exception:  # as above
                    traceback.print_exc()
            answer = list(contenders)
        elif "versions" in asked:
            from keras_bam.training.versions import versions

            answer = versions()
        else:
            answer = seconds_of(contenders[asked["run"]], asked["seconds"])
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
