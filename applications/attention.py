"""What `attention` and `after` mean for a network of ours."""

from keras_bam import spelling
from keras_bam.insertion import module_factory
from keras_bam.layers import BAM, SqueezeExcite
from keras_bam.naming import unknown

ATTENTION = {"bam": BAM, "se": SqueezeExcite}
PLACES = ("bottlenecks", "blocks")


def module_and_places(row, attention, after, data_format):
    """-> (factory of modules or None, names of the layers they go behind).

    Raises:
        ValueError: for an unknown `attention` or `after`, or places without a module.
    """
    if attention is None:
        if after is not None:
            raise ValueError(f"after={after!r} without attention: pass attention='bam', say")
        return None, ()
    if isinstance(attention, str):
        attention = _by_name(attention)
    make_module = module_factory(attention, data_format)
    if after is None:
        after = _usual_place(attention)
    if isinstance(after, str):
        if after in PLACES:
            return make_module, row.places(after)
        after = [after]
    names = tuple(after)
    if not names:
        raise ValueError(
            f"after={after!r} names no layer: pass names, 'bottlenecks' or 'blocks', or leave "
            "attention at None"
        )
    return make_module, names


def _by_name(text):
    """ "bam" -> BAM; "bam:form=official,reduction_ratio=8" -> a template with those arguments."""
    name, arguments = spelling.parse(text)
    if name not in ATTENTION:
        raise unknown("attention", name, ATTENTION)
    kind = ATTENTION[name]
    return spelling.make(kind, arguments, name) if arguments else kind


def _usual_place(attention):
    kind = attention if isinstance(attention, type) else type(attention)
    return "blocks" if issubclass(kind, SqueezeExcite) else "bottlenecks"
