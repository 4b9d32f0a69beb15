"""Places that the paper means, found in any convolutional network."""

import collections
import math

import keras

from keras_bam.insertion.graph import recorded
from keras_bam.insertion.maps import FeatureMaps


def bottlenecks(model):
    """The layers that end a stage of `model`, in their order: where the paper puts BAM.

    A rule about shapes finds them: along the trunk (the feature maps that every path from the
    image to the smallest map goes through) the last map before each downsampling. In a network
    with residual or dense blocks that is the last one's sum or concatenation with its activation,
    and not a map in the block, or the transition, that downsamples. Left out are the last stage,
    the stem (what lies before the first fork), and maps larger than a quarter of an image of more
    than 64 pixels. Where the height and width of the image are unknown, 256 is assumed.

    Args:
        model: a functional or Sequential `keras.Model`, with nested ones or without.

    Returns:
        Names of layers or operations; "outer/inner" in a nested model.

    Raises:
        ValueError: if there is no such place, or the model's graph isn't known.
    """
    maps = FeatureMaps(recorded(model))
    found = {place for image in maps.images() for place in _stage_ends(maps, image)}
    if not found:
        raise ValueError(
            f"{model.name!r} has no bottleneck: no feature map is made smaller after its stem; "
            "pass after=[names of layers], after='blocks' or a predicate on layers"
        )
    return _paths(maps, found)


def blocks(model):
    """The layers that end a residual branch of `model`, before its addition, in their order.

    The branch is the addition's input with more weighted layers behind it. Additions where no
    input has more than the others, and those of upsampled maps, have none.

    Args:
        model: a functional or Sequential `keras.Model`, with nested ones or without.

    Returns:
        Names of layers or operations; "outer/inner" in a nested model.

    Raises:
        ValueError: if the model adds no branch to a shortcut, or its graph isn't known.
    """
    maps = FeatureMaps(recorded(model))
    depths = _depths(maps)
    additions = filter(maps.is_addition, range(len(maps.calls)))
    found = {_branch_end(maps, depths, addition) for addition in additions} - {None}
    if not found:
        raise ValueError(
            f"{model.name!r} has no residual additions, so no blocks: pass after='bottlenecks', "
            "after=[names of layers] or a predicate on layers"
        )
    return _paths(maps, found)


def _paths(maps, indices):
    return list(dict.fromkeys(maps.calls[index].path for index in sorted(indices)))


def _stage_ends(maps, image):
    like = maps.like(image)
    end = _smallest(maps, like)
    if end is None:
        return
    candidates = _trunk_ends(maps, image, end, like) or _cell_ends(maps, image, end, like)
    for place in candidates:
        differs = maps.channels(place) != maps.channels(image)
        if differs and _small_enough(maps.size(place), maps.size(image)):
            yield place


def _trunk_ends(maps, image, end, like):
    crossed = maps.crossings(image, end)
    fork = _fork(maps, crossed, end)
    stages = _stages(maps, [index for index in crossed if index in like])
    joins = {index for index in crossed if maps.is_addition(index) or maps.is_dense(index)}
    ends = [_end_of(maps, stage, joins) for stage in stages[:-1]]
    return [place for place in ends if place > fork]


def _cell_ends(maps, image, end, like):
    """For cells that each take the two before (NASNet), so that paths lead around any one.

    The last concatenation of three maps or more of each size; one alone is a cell of the stem.
    """
    by_halvings = collections.defaultdict(list)
    for index in sorted(maps.ancestors[end].intersection(like)):
        joins = isinstance(maps.calls[index].operation, keras.layers.Concatenate)
        if joins and len(maps.before[index]) > 2:
            by_halvings[_halvings(maps, image, index)].append(index)
    last = _halvings(maps, image, end)
    return [
        cells[-1] for halvings, cells in by_halvings.items() if len(cells) > 1 and halvings < last
    ]


def _halvings(maps, image, index):
    return round(math.log2(max(maps.size(image)) / max(maps.size(index))))


def _smallest(maps, like):
    """The last call that gives a map of the smallest size, mere pooling left out."""
    like, computed = set(like), []  # with weights since the map before, or in it (tokens are none)
    for call, sources in zip(maps.calls, maps.before, strict=True):
        computed.append(call.weighted or any(computed[i] for i in sources if i not in like))
    areas = {index: math.prod(maps.size(index)) for index in like if computed[index]}
    return max((i for i, area in areas.items() if area == min(areas.values())), default=None)


def _fork(maps, crossed, end):
    """The last crossing before the paths part for the first time; -1 if they never do."""
    on_the_way = maps.ancestors[end] | {end}
    return next((i for i in crossed if len(maps.after[i] & on_the_way) > 1), -1)


def _stages(maps, trunk):
    """The trunk cut where the map becomes half as large ("valid" convolutions take less)."""
    stages = [[trunk[0]]]
    for previous, index in zip(trunk, trunk[1:], strict=False):
        before, after = maps.size(previous), maps.size(index)
        halved = any(a <= b / 1.5 for a, b in zip(after, before, strict=False))
        stages.append([index]) if halved else stages[-1].append(index)
    return stages


def _end_of(maps, stage, joins):
    while len(stage) > 1 and sum(maps.size(stage[-1])) > sum(maps.size(stage[-2])):
        stage = stage[:-1]  # padding belongs to what follows
    if not joins:
        return stage[-1]
    joined = [place for place, index in enumerate(stage) if index in joins]
    if not joined:  # An expansion inside the next block is wider.
        return min(reversed(stage), key=maps.channels)
    place = joined[-1]
    while place + 1 < len(stage) and not maps.calls[stage[place + 1]].weighted:
        place += 1
    return stage[place]


def _small_enough(size, image_size):
    if max(image_size) <= 64:
        return True
    return all(s <= math.ceil(i / 4) for s, i in zip(size, image_size, strict=True))


def _depths(maps):
    depths: list[int] = []
    for call, sources in zip(maps.calls, maps.before, strict=True):
        depths.append(max((depths[source] for source in sources), default=0) + call.weighted)
    return depths


def _branch_end(maps, depths, addition):
    ends = sorted(maps.before[addition], key=depths.__getitem__)
    if len(ends) < 2 or depths[ends[-1]] == depths[ends[-2]]:
        return None
    branch = ends[-1]
    inside = maps.ancestors[branch].difference(*(maps.ancestors[i] | {i} for i in ends[:-1]))
    sizes = [math.prod(size) for size in map(maps.size, inside) if size]
    upsampled = sizes and min(sizes) < math.prod(maps.size(addition)) / 2
    return None if upsampled else branch
