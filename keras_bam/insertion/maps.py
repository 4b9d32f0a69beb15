"""The feature maps in a recorded graph: their sizes, and which ones every path goes through."""

import collections
import math

import keras

NO_ADDITIONS = tuple(
    getattr(keras.layers, name)
    for name in ("Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract")
)


class FeatureMaps:
    """A recorded graph seen as feature maps; a call is known by its index in it.

    Attributes:
        calls: without those of nested models, whose own calls they repeat.
        before, after: for each call, the calls it takes tensors from, and gives them to.
    """

    def __init__(self, recording):
        self.calls = [call for call in recording if not call.is_model]
        self._channels_first = data_format(recording) == "channels_first"
        made_by = {id(x): index for index, call in enumerate(self.calls) for x in call.outputs}
        self.before = [{made_by[id(x)] for x in call.inputs} for call in self.calls]
        self.after: list[set[int]] = [set() for _ in self.calls]
        for index, sources in enumerate(self.before):
            for source in sources:
                self.after[source].add(index)
        self.ancestors: list[frozenset[int]] = []
        for sources in self.before:
            further = (self.ancestors[source] for source in sources)
            self.ancestors.append(frozenset(sources).union(*further))

    def size(self, index) -> tuple[int, ...] | None:
        """Height and width (or length; or depth, height, width); None if it is not one map."""
        x = self.calls[index].outputs[0]
        if len(self.calls[index].outputs) > 1 or not 3 <= len(x.shape) <= 5:
            return None
        size = x.shape[2:] if self._channels_first else x.shape[1:-1]
        return None if None in size or math.prod(size) == 1 else size

    def channels(self, index) -> int | None:
        return self.calls[index].outputs[0].shape[1 if self._channels_first else -1]

    def images(self) -> list[int]:
        return [
            index for index, call in enumerate(self.calls) if call.is_input and self.size(index)
        ]

    def like(self, image) -> list[int]:
        """The calls that make maps of as many dimensions as `image` has out of it."""
        rank = len(self.size(image) or ())
        return [
            index
            for index, sources in enumerate(self.ancestors)
            if len(self.size(index) or ()) == rank and (image in sources or index == image)
        ]

    def is_addition(self, index) -> bool:
        """Whether two or more maps of one shape are summed, as far as a class tells."""
        call = self.calls[index]
        shapes = {tuple(x.shape) for x in (*call.inputs, *call.outputs)}
        if self.size(index) is None or len(call.inputs) < 2 or len(shapes) > 1:
            return False
        kind = type(call.operation)
        if kind.__module__.startswith("keras.src.ops."):
            return kind.__name__ == "Add"
        return not issubclass(kind, NO_ADDITIONS)

    def is_dense(self, index) -> bool:
        """Whether a map is concatenated with what was made of it, as in DenseNet."""
        sources = self.before[index]
        joined = type(self.calls[index].operation).__name__ == "Concatenate"
        return joined and any(
            all(source in self.ancestors[other] for other in sources - {source})
            for source in sources
            if len(sources) > 1 and self.size(source)
        )

    def crossings(self, start, end) -> list[int]:
        """The calls that every path from `start` to `end` goes through, both included."""
        between = [
            index
            for index in range(start, end + 1)
            if index in (start, end)
            or (start in self.ancestors[index] and index in self.ancestors[end])
        ]
        position = {index: place for place, index in enumerate(between)}
        crossed, furthest = [], 0
        for place, index in enumerate(between):
            if furthest <= place:
                crossed.append(index)
            reached = [position[further] for further in self.after[index] if further in position]
            furthest = max([furthest, *reached])
        return crossed


def data_format(recording) -> str:
    """Of most layers that have one; Keras's setting if none has."""
    formats = collections.Counter(
        getattr(call.operation, "data_format", None) for call in recording
    )
    known = [name for name, _ in formats.most_common() if name is not None]
    return known[0] if known else keras.config.image_data_format()


def data_formats(recording) -> dict[str, str]:
    """For each path the data format of its output: its layer's own, or that of what comes in."""
    usual = data_format(recording)
    formats: dict[str, str] = {}
    of_tensor: dict[int, str] = {}
    for call in recording:
        fed = (of_tensor[id(x)] for x in call.inputs)
        formats[call.path] = getattr(call.operation, "data_format", None) or next(fed, usual)
        of_tensor.update((id(x), formats[call.path]) for x in call.outputs)
    return formats
