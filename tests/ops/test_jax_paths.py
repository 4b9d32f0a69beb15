"""The 1x1 convolution on JAX, in halves on a CPU where that is the faster way."""

import keras
import numpy as np
import pytest

from keras_bam import ops

jax = pytest.importorskip("jax")
pytestmark = pytest.mark.skipif(keras.backend.backend() != "jax", reason="JAX's own way")


@pytest.mark.parametrize(
    "shape, halves",
    [((2, 5, 7, 8), True), ((3, 5, 7, 8), False), ((2, 2, 3, 8), False), ((4, 9, 8), True)],
)
def test_values_and_derivatives_are_those_of_the_plain_formula(shape, halves):
    rng = np.random.default_rng(0)
    kernel_shape = *(1 for _ in shape[1:-1]), 8, 3
    x, kernel, dx, dkernel = (
        rng.normal(size=size).astype("float32") for size in 2 * (shape, kernel_shape)
    )
    upstream = rng.normal(size=(*shape[:-1], 3)).astype("float32")

    def derivatives():
        values, tangents = jax.jvp(ops.convolution, (x, kernel), (dx, dkernel))
        return values, tangents, *jax.vjp(ops.convolution, x, kernel)[1](upstream)

    found = derivatives()
    with ops.portable():
        expected = derivatives()
    for one, other in zip(found, expected, strict=True):
        # Sums of up to 70 products of about 1.
        np.testing.assert_allclose(one, other, atol=1e-4)
    text = str(jax.make_jaxpr(ops.convolution)(x, kernel))
    assert (f"f32[2,{x.size // 16},8]" in text) == halves


def test_a_batch_of_unknown_size_can_be_exported():
    (batch,) = jax.export.symbolic_shape("b")
    features = jax.ShapeDtypeStruct((batch, 5, 7, 8), "float32")
    kernel = jax.ShapeDtypeStruct((1, 1, 8, 3), "float32")
    exported = jax.export.export(jax.jit(ops.convolution))(features, kernel)
    assert exported.out_avals[0].shape == (batch, 5, 7, 3)
