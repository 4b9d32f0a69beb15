"""TensorFlow SavedModel: a folder for servers."""

import collections
import shutil
from pathlib import Path

import numpy as np

from keras_bam.export.runtime import INPUT, Runtime, output_names
from keras_bam.extra import from_extra


def write(graph, path, precision, calibration):
    """The graph is one already: it keeps its variables, `serve` and `serving_default`."""
    shutil.copytree(graph, path)


def load(path):
    """Opened by `tf.saved_model.load`."""
    tf = from_extra("tensorflow", "export")
    loaded = tf.saved_model.load(str(path))
    serve = loaded.signatures["serving_default"]
    ((_, signature),) = serve.structured_input_signature[1].items()

    def run(images, loaded=loaded):  # the function alone does not keep the variables alive
        outputs = serve(**{INPUT: tf.constant(images)})
        return [np.asarray(outputs[name]) for name in output_names(len(outputs))]

    return Runtime(run, tuple(signature.shape), _operators(path))


def _operators(path):
    pb2 = from_extra("tensorflow.core.protobuf.saved_model_pb2", "export")
    saved = pb2.SavedModel.FromString(Path(path, "saved_model.pb").read_bytes())
    functions = {f.signature.name: f for f in saved.meta_graphs[0].graph_def.library.function}
    counts: collections.Counter = collections.Counter()

    def count(name):
        for node in functions[name].node_def:
            called = node.attr["f"].func.name
            if called in functions:
                count(called)
            else:
                counts[node.op] += 1

    signature = saved.meta_graphs[0].signature_def["serving_default"]
    (output, *_) = signature.outputs.values()
    nodes = {node.name: node for node in saved.meta_graphs[0].graph_def.node}
    count(nodes[output.name.partition(":")[0]].attr["f"].func.name)
    return counts
