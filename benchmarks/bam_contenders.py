"""One BAM: what bam_speed.py measures, by the process that it runs in.

A case has "shape", (height, width, channels), "batch", "what" ("forward" or "both"), "dtype",
"data_format" and "compiled". Each function gives what can be run in a case, by name.
"""

import numpy as np


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


def torch_runs(case, name, suffix, module, features, device, **options):
    """Eager, and compiled with `options` where the case asks for it."""
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
        compiled = torch.compile(module, dynamic=False, options=options)
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
        # The compiler takes a channels-last map of Keras's for a channels-first one, and copies it.
        options = {"layout_optimization": False}
        found |= torch_runs(case, f"{name}, PyTorch", "", call, x, get_device(), **options)
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
