"""Which layer is to blame when a format lacks an operation."""

import re
from pathlib import Path

from keras_bam.extra import from_extra


class Unsupported(Exception):
    """The format has no counterpart for these operations of TensorFlow's graph."""

    def __init__(self, operations):
        super().__init__(", ".join(sorted(operations)))
        self.operations = set(operations)


def found_in(message, announcement):
    """Unsupported: what `message` lists behind `announcement`, a regular expression; or None."""
    lists = re.findall(rf"(?:{announcement}): ([\w, ]+)", message)
    operations = {name.strip() for names in lists for name in names.split(",")} - {""}
    return Unsupported(operations) if operations else None


def explained(unsupported, model, format, graph):
    """A ValueError that names the layers that hold the operations."""
    names = sorted((layer.name for layer in model._flatten_layers()), key=len, reverse=True)
    blamed = sorted(
        f"{_layer(path, names)!r} ({operation})"
        for operation, path in _nodes(graph)
        if operation in unsupported.operations
    )
    found = ", ".join(dict.fromkeys(blamed)) or f"none we can name ({unsupported})"
    return ValueError(
        f"format={format!r} can't hold these layers of {model.name!r}: {found}; replace them, or "
        "export to another format"
    )


def _nodes(graph):
    """Operation and name of every node of the graph in a SavedModel folder."""
    pb2 = from_extra("tensorflow.core.protobuf.saved_model_pb2", "export")
    saved = pb2.SavedModel.FromString(Path(graph, "saved_model.pb").read_bytes())
    for function in saved.meta_graphs[0].graph_def.library.function:
        yield from ((node.op, node.name) for node in function.node_def)


def _layer(path, names):
    """The innermost layer in the name of a node; TensorFlow may have numbered the names."""
    for part in reversed(path.split("/")[:-1]):
        for name in names:
            if re.fullmatch(rf"{re.escape(name)}(_\d+)?", part):
                return name
    return path
