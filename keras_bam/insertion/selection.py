"""What `after` means: from names, a rule or a predicate to paths in a recorded graph."""

from collections.abc import Iterable

from keras_bam.insertion.graph import recorded
from keras_bam.insertion.places import blocks, bottlenecks
from keras_bam.naming import unknown

RULES = {"bottlenecks": bottlenecks, "blocks": blocks}


def selected(model, after) -> list[str]:
    """Paths of the places, each once; a model that is nested in two has a path through either.

    Raises:
        ValueError: if `after` is no such thing, names no layer, one of several, or one twice, or if
            a predicate matches none.
    """
    if isinstance(after, str) and after in RULES:
        return RULES[after](model)
    operations = {call.path: call.operation for call in recorded(model) if not call.is_input}
    if isinstance(after, type) or not (callable(after) or isinstance(after, Iterable)):
        raise ValueError(
            f"after must be 'bottlenecks', 'blocks', names of layers or a predicate, received "
            f"{after!r}; for all layers of a class pass lambda layer: isinstance(layer, Class)"
        )
    if callable(after):
        return _matching(operations, after)
    names = (after,) if isinstance(after, str) else tuple(after)
    if not names:
        raise ValueError("after=[] names no layer; pass names, 'bottlenecks' or 'blocks'")
    paths = [_path(operations, name) for name in names]
    for place, path in enumerate(paths):
        if path in paths[:place]:
            raise ValueError(
                f"after names {path!r} twice; for two modules behind one layer call insert twice"
            )
    return paths


def _matching(operations, predicate):
    first_paths = {id(operation): path for path, operation in reversed(operations.items())}
    paths = [path for path in reversed(first_paths.values()) if predicate(operations[path])]
    if not paths:
        raise ValueError(
            f"after={predicate!r} matches none of the model's {len(operations)} layers, such as "
            f"{list(operations)[:3]}"
        )
    return paths


def _path(operations, name):
    if name in operations:
        return name
    ending = [path for path in operations if path.split("/")[-1] == name]
    if len({id(operations[path]) for path in ending}) > 1:
        raise ValueError(f"after={name!r} is the name of several layers; pass one of {ending}")
    if not ending:
        raise unknown("layer in after", name, operations)
    return ending[0]
