"""A Keras model as a TensorFlow graph in a SavedModel folder, which every format is made from."""

import contextlib

import keras

from keras_bam import ops
from keras_bam.call_recording import replaced_method
from keras_bam.export.runtime import INPUT, output_names
from keras_bam.layers.sublayers import SameConv2D


def write_graph(model, input_shape, dtype, folder):
    """Writes the forward pass of `model`; Keras has to run on TensorFlow.

    The graph has one input `images` and outputs `output_0` and so on.

    Args:
        model: takes one tensor.
        input_shape: with batch; None where any size will do.
        dtype: of the input.
        folder: of the SavedModel.

    Raises:
        ValueError: if a layer does not run on TensorFlow; Keras's message names it.
    """
    import tensorflow as tf

    def serve(images):
        outputs = keras.tree.flatten(model(images, training=False))
        return dict(zip(output_names(len(outputs)), outputs, strict=True))

    # Not `archive.track(model)`, which writes every weight a second time.
    archive = keras.export.ExportArchive()
    signature = tf.TensorSpec(input_shape, dtype, name=INPUT)
    try:
        with ops.portable(), _single_convolutions(model):
            archive.add_endpoint("serve", serve, input_signature=[signature])
            archive.write_out(str(folder), verbose=False)
    except OSError:
        raise
    except Exception as error:
        raise ValueError(f"{model.name!r} does not run on TensorFlow: {error}") from error


@contextlib.contextmanager
def _single_convolutions(model):
    """Every Conv2D is one operation in the graph.

    Keras makes SpaceToBatch, Conv2D, BatchToSpace of a dilated one, which TFLite folds for a known
    batch only, and a function for XLA of a grouped one, which tf2onnx refuses. It does so for the
    sake of gradients, which some CPU kernels lack; a file needs none.
    """
    with contextlib.ExitStack() as stack:
        for layer in model._flatten_layers():
            known = isinstance(layer, keras.layers.Conv2D) and (
                type(layer).convolution_op is keras.layers.Conv2D.convolution_op
                or isinstance(layer, SameConv2D)
            )
            if known and (max(layer.dilation_rate) > 1 or layer.groups > 1):
                method = _single_convolution(layer)
                stack.enter_context(replaced_method(layer, "convolution_op", method))
        yield


def _single_convolution(layer):
    import tensorflow as tf

    layout = {"channels_last": "NHWC", "channels_first": "NCHW"}[layer.data_format]

    def convolution_op(inputs, kernel):
        padding = layer.padding.upper()
        return tf.nn.conv2d(inputs, kernel, layer.strides, padding, layout, layer.dilation_rate)

    return convolution_op
