"""What no BAM can do without: what bam_limits.py measures, by the process that it runs in.

The four convolutions of the spatial branch, bare, one after the other, in the ways that a framework
has for them; beside them the BAMs of bam_contenders.py. With "both" their gradients too, to the
map and to the kernels.
"""

import bam_contenders
import numpy as np

REDUCTION, DILATION = 16, 4


def kernels(case):
    """Of 1x1, 3x3, 3x3 and 1x1, (height, width, in, out)."""
    channels = case["shape"][2]
    hidden = channels // REDUCTION
    rng = np.random.default_rng(0)
    shapes = [(1, channels, hidden), (3, hidden, hidden), (3, hidden, hidden), (1, hidden, 1)]
    return [rng.normal(size=(k, k, i, o)).astype("float32") for k, i, o in shapes]


def torch_contenders(case):
    import torch
    from torch.nn import functional

    found = {}
    for name, memory in (
        ("channels first", torch.contiguous_format),
        ("channels last", torch.channels_last),
    ):
        x = torch.from_numpy(bam_contenders.maps(case)).permute(0, 3, 1, 2)
        x = x.contiguous(memory_format=memory)
        weights = [
            torch.from_numpy(kernel).permute(3, 2, 0, 1).contiguous(memory_format=memory)
            for kernel in kernels(case)
        ]
        learns = case["what"] == "both"
        for tensor in (x, *weights):
            tensor.requires_grad_(learns)

        def run(x=x, weights=weights, learns=learns):
            y = x
            with torch.set_grad_enabled(learns):
                for weight in weights:
                    wide = weight.shape[-1] > 1
                    padding, dilation = (DILATION, DILATION) if wide else (0, 1)
                    y = functional.conv2d(y, weight, None, 1, padding, dilation)
            if learns:
                torch.autograd.grad(y, [x, *weights], torch.ones_like(y))

        found[f"convolutions alone, PyTorch, {name}"] = run
    return found


def jax_contenders(case):
    import jax

    from keras_bam import ops

    x = jax.numpy.asarray(bam_contenders.maps(case))
    weights = [jax.numpy.asarray(kernel) for kernel in kernels(case)]

    def convolutions(x, weights):
        for weight in weights:
            if weight.shape[0] == 1:  # as XLA's convolution, or one product, it takes longer
                x = ops.convolution(x, weight)
            else:
                x = jax.lax.conv_general_dilated(
                    x,
                    weight,
                    (1, 1),
                    "SAME",
                    rhs_dilation=(DILATION, DILATION),
                    dimension_numbers=("NHWC", "HWIO", "NHWC"),
                )
        return x

    def both(x, weights):
        outputs, back = jax.vjp(convolutions, x, weights)
        return outputs, back(jax.numpy.ones_like(outputs))

    step = jax.jit(both if case["what"] == "both" else convolutions)
    return {"convolutions alone, JAX jit": lambda: jax.block_until_ready(step(x, weights))}


def tensorflow_contenders(case):
    import tensorflow as tf

    x = tf.constant(bam_contenders.maps(case))
    weights = [tf.constant(kernel) for kernel in kernels(case)]

    def convolutions(y):
        for weight in weights:
            dilation = DILATION if weight.shape[0] > 1 else 1
            y = tf.nn.conv2d(y, weight, 1, "SAME", dilations=dilation)
        return y

    def both(x):
        with tf.GradientTape() as tape:
            tape.watch([x, *weights])
            outputs = convolutions(x)
        return tape.gradient(outputs, [x, *weights])

    step = tf.function(both if case["what"] == "both" else convolutions, autograph=False)

    def run():
        tf.nest.flatten(step(x))[0][0, 0, 0, 0].numpy()

    return {"convolutions alone, TensorFlow graph": run}


OWN = {"torch": torch_contenders, "jax": jax_contenders, "tensorflow": tensorflow_contenders}
CONTENDERS = {
    "pytorchcv": bam_contenders.pytorchcv_contenders,
    **{
        name: lambda case, name=name: {
            **bam_contenders.CONTENDERS[name](case),
            **OWN[name](case),
        }
        for name in OWN
    },
}
