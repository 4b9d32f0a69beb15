"""What a network is here: a row of facts that can be drawn, and the places in it."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import keras

from keras_bam.layers import SqueezeExcite
from keras_bam.layers.arguments import one_of, positive_integer
from keras_bam.naming import unknown

from .attention import refinement
from .graph import Graph
from .weights import load_into

HE_FAN_OUT = keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Network:
    """A network of the paper: calling the row builds a plain functional `keras.Model`.

    A family subclasses it with the fields of its rows, `draw` and `bottlenecks`, and `branch_ends`
    and `draw_extra_block` where it has residual blocks.
    """

    name: str
    size: int  # height and width of the input in the paper
    classes: int
    minimum_size: int  # what the downsamplings need

    finds_objects: ClassVar[bool] = False  # whether it is a detector

    # Fields that a caller may set, unless they are None: what checks a value.
    options: ClassVar[Mapping[str, Callable[[str, Any], Any]]] = {}

    def draw(self, graph: Graph, x: Any) -> Any:
        """From the image to the last feature map."""
        raise NotImplementedError

    def draw_top(self, graph: Graph, x: Any, classes: int, activation: Any) -> Any:
        """From the last feature map to the classes."""
        return graph.classifier(graph.global_pool(x, "avg"), classes, activation)

    def draw_extra_block(self, graph: Graph, x: Any, place: str) -> Any:
        """One more block of the network's own kind behind the bottleneck `place`."""
        raise ValueError(
            f"{self.name} has no residual blocks, and so no extra one: choose another attention"
        )

    def bottlenecks(self) -> tuple[str, ...]:
        """Names of the layers that end a stage but the last."""
        raise NotImplementedError

    def branch_ends(self) -> tuple[str, ...]:
        """Names of the layers that end the residual branch of a block, before the addition."""
        raise ValueError(f"{self.name} has no residual blocks: use its bottlenecks, or layer names")

    def classifiers(self) -> tuple[str, ...]:
        """Names of the layers of a detector whose features its classifiers see."""
        raise ValueError(f"{self.name} is no detector: use its bottlenecks, blocks or layer names")

    def places(self, which: str) -> tuple[str, ...]:
        """Names of the layers that modules go behind, by one of `PLACES`."""
        kinds = {
            "bottlenecks": self.bottlenecks,
            "blocks": self.branch_ends,
            "classifiers": self.classifiers,
        }
        return kinds[which]()

    def usual_place(self, kind: type) -> str:
        """Where modules of a class go if nothing is said, one of `PLACES`."""
        return "blocks" if issubclass(kind, SqueezeExcite) else "bottlenecks"

    def __call__(
        self,
        *,
        attention=None,
        after=None,
        include_top=True,
        weights=None,
        input_shape=None,
        pooling=None,
        classes=None,
        classifier_activation="softmax",
        kernel_initializer=HE_FAN_OUT,
        data_format=None,
        name=None,
        **options,
    ):
        """Builds the network.

        Args:
            attention: None, "bam", "se", "extra_block" (Table 1c: one more block of the network's
                own kind at each bottleneck), with arguments as in "bam:form=official", or what
                `keras_bam.insert` takes: a layer class, an unbuilt layer as a template, a callable
                from a name to a layer.
            after: where the modules go: "bottlenecks", "blocks", layer names, or None for the
                module's usual place (SE in the blocks, all else at the bottlenecks).
            include_top: whether global average pooling and the classifier end the network.
            weights: None, the path of a `.weights.h5` or `.keras` file of the same network, or
                "cifar10", which comes with the package, for CifarResNetSmall with "bam".
            input_shape: without batch, in `data_format`; sizes may be None. By default the
                paper's.
            pooling: without top: None for the feature map, "avg" or "max" for a vector.
            classes: of the classifier; by default the paper's.
            classifier_activation: "softmax", or None for logits.
            kernel_initializer: of the convolutions; He's normal over the outputs by default.
            data_format: "channels_last" or "channels_first"; None for Keras's global setting.
            name: of the model; by default the row's.
            **options: fields of the row that may be set, named in its `options`.

        Raises:
            ValueError: for a wrong value of any of them.
            FileNotFoundError: if there is no file at `weights`.
        """
        row = self._with(options)
        one_of("pooling", pooling, (None, "avg", "max"))

        def draw_end(graph, x, classes):
            if include_top:
                return row.draw_top(graph, x, classes, classifier_activation)
            return graph.global_pool(x, pooling) if pooling else x

        return row._model(
            draw_end,
            attention=attention,
            after=after,
            weights=weights,
            input_shape=input_shape,
            classes=classes,
            kernel_initializer=kernel_initializer,
            data_format=data_format,
            name=name,
        )

    def _model(
        self,
        draw_end,
        *,
        attention,
        after,
        weights,
        input_shape,
        classes,
        kernel_initializer,
        data_format,
        name,
    ):
        """The model that `draw` begins and `draw_end`, of graph, features and classes, ends."""
        data_format = data_format or keras.config.image_data_format()
        one_of("data_format", data_format, ("channels_last", "channels_first"))
        classes = self.classes if classes is None else positive_integer("classes", classes)
        refine, places = refinement(self, attention, after, data_format)
        image = keras.Input(self._checked_input_shape(input_shape, data_format))
        graph = Graph(data_format, kernel_initializer, refine, places)
        x = self.draw(graph, image)
        graph.check_places()
        model = self._made(image, draw_end(graph, x, classes), name or self.name)
        if weights is not None:
            load_into(model, weights, self.name)
        return model

    def _made(self, image, end, name):
        """The model from the image to what `draw_end` gave."""
        return keras.Model(image, end, name=name)

    def _with(self, options):
        for option in options:
            if option not in self.options or getattr(self, option) is None:
                offered = [name for name in self.options if getattr(self, name) is not None]
                known = [*[*inspect.signature(type(self).__call__).parameters][1:-1], *offered]
                raise unknown(f"argument of {self.name}", option, known)
            self.options[option](option, options[option])
        return dataclasses.replace(self, **options)

    def _checked_input_shape(self, input_shape, data_format):
        channels_last = data_format == "channels_last"
        if input_shape is None:
            return (self.size, self.size, 3) if channels_last else (3, self.size, self.size)
        shape = tuple(input_shape)
        sizes = shape[:2] if channels_last else shape[1:]
        if len(shape) != 3 or (shape[2] if channels_last else shape[0]) is None:
            raise ValueError(
                f"input_shape must be (height, width, channels), or (channels, height, width) with "
                f"channels first, with a known channel count; received {input_shape!r}"
            )
        if any(size is not None and size < self.minimum_size for size in sizes):
            raise ValueError(
                f"input_shape={input_shape!r} is too small for {self.name}, which needs "
                f"{self.minimum_size}x{self.minimum_size} at least (data_format={data_format!r})"
            )
        return shape
