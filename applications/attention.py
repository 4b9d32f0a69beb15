"""What `attention` and `after` mean for a network of ours."""

from keras_bam import insertion, spelling
from keras_bam.insertion import module_factory
from keras_bam.layers import BAM, SqueezeExcite
from keras_bam.naming import unknown

ATTENTION = {"bam": BAM, "se": SqueezeExcite}
EXTRA_BLOCK = "extra_block"
PLACES = ("bottlenecks", "blocks", "classifiers")


def refinement(row, attention, after, data_format):
    """-> (what refines features at a place, see `Graph`; names of the places).

    Raises:
        ValueError: for an unknown `attention` or `after`, or places without a module.
    """
    if attention is None:
        if after is not None:
            raise ValueError(f"after={after!r} without attention: pass attention='bam', say")
        return None, ()
    if attention == EXTRA_BLOCK:
        return _extra_block(row, after)
    if isinstance(attention, str):
        attention = _by_name(attention)
    make_module = module_factory(attention)

    def refine(graph, features, place):
        module = make_module(place, data_format=data_format)
        return insertion.refine(module, place, features, data_format)

    kind = attention if isinstance(attention, type) else type(attention)
    return refine, _places(row, row.usual_place(kind) if after is None else after)


def _extra_block(row, after):
    if after not in (None, "bottlenecks"):
        raise ValueError(
            f"after={after!r} with attention={EXTRA_BLOCK!r}: a block goes behind the bottlenecks, "
            "leave after at None"
        )

    def refine(graph, features, place):
        return row.draw_extra_block(graph, features, place)

    return refine, row.bottlenecks()


def _places(row, after):
    if isinstance(after, str):
        return row.places(after) if after in PLACES else (after,)
    names = tuple(after)
    if not names:
        raise ValueError(
            f"after={after!r} names no layer: pass names, or one of {', '.join(PLACES)}, or leave "
            "attention at None"
        )
    return names


def _by_name(text):
    """ "bam" -> BAM; "bam:form=official,reduction_ratio=8" -> a template with those arguments."""
    name, arguments = spelling.parse(text)
    if name not in ATTENTION:
        raise unknown("attention", name, [*ATTENTION, EXTRA_BLOCK])
    kind = ATTENTION[name]
    return spelling.make(kind, arguments, name) if arguments else kind
