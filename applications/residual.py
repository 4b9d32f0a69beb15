"""What all residual networks share: stages of blocks, each a branch beside a shortcut."""

import dataclasses
from collections.abc import Callable
from typing import Any

from .network import Network


@dataclasses.dataclass(frozen=True)
class Unit:
    """One block as it is drawn.

    Attributes:
        name: what its layers' names begin with.
        inner: channels inside the branch.
        outputs: channels behind it.
        strides: 1 or 2.
        groups: of its 3x3 convolution.
        stride_in_1x1: whether a bottleneck has its stride in the first 1x1 convolution.
        projection: whether the shortcut has a convolution; else it is the identity.
        activated_shortcut: whether that convolution sees the activated features (pre-activation).
    """

    name: str
    inner: int
    outputs: int
    strides: int
    groups: int
    stride_in_1x1: bool
    projection: bool
    activated_shortcut: bool


@dataclasses.dataclass(frozen=True)
class Block:
    """A kind of residual block.

    Attributes:
        draw: takes graph, features and a `Unit`; draws branch, shortcut and addition.
        branch_end: name of the branch's last layer within the block, before the addition.
        end: name of the block's last layer.
    """

    draw: Callable[..., Any]
    branch_end: str
    end: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResidualNetwork(Network):
    """A stem, then stages of residual blocks; every stage but the first halves the map.

    A family says in `inner_and_outputs` how many channels each stage has.
    """

    stem: Callable[..., Any]
    block: Block
    depths: tuple[int, ...]  # blocks per stage
    # Paper: in the first 1x1 convolution of a bottleneck; released code: in its 3x3.
    # None where a block has no 1x1 convolution.
    stride_in_1x1: bool | None
    activated_shortcut: bool | None = None  # None where a block is activated behind the addition

    def inner_and_outputs(self) -> tuple[tuple[int, int], ...]:
        """Channels inside and behind the blocks, for each stage."""
        raise NotImplementedError

    def groups(self) -> int:
        """Of the 3x3 convolution of a bottleneck."""
        return 1

    def finish(self, graph, x):
        """What stands between the last block and the classifier."""
        return x

    def draw(self, graph, x):
        x = self.stem(graph, x)
        for stage in range(len(self.depths)):
            x = self.draw_stage(graph, x, stage, strides=2 if stage > 0 else 1)
        return self.finish(graph, x)

    def draw_stage(self, graph, x, stage, strides):
        """The blocks of one stage, counted from 0; the first has `strides`."""
        for position in range(self.depths[stage]):
            name = _block_name(stage, position)
            x = self._block(graph, x, name, stage, 1 if position else strides)
        return x

    def _block(self, graph, x, name, stage, strides=1):
        inner, outputs = self.inner_and_outputs()[stage]
        unit = Unit(
            name=name,
            inner=inner,
            outputs=outputs,
            strides=strides,
            groups=self.groups(),
            stride_in_1x1=bool(self.stride_in_1x1),
            projection=strides > 1 or x.shape[graph.axis] != outputs,
            activated_shortcut=bool(self.activated_shortcut),
        )
        return self.block.draw(graph, x, unit)

    def draw_extra_block(self, graph, x, place):
        """One more block of the stage's kind behind the bottleneck `place` (Table 1c)."""
        stage = self.bottlenecks().index(place)
        return self._block(graph, x, f"{place}_extra", stage)

    def bottlenecks(self):
        return tuple(
            f"{_block_name(stage, depth - 1)}_{self.block.end}"
            for stage, depth in enumerate(self.depths[:-1])
        )

    def branch_ends(self):
        return tuple(
            f"{_block_name(stage, position)}_{self.block.branch_end}"
            for stage, depth in enumerate(self.depths)
            for position in range(depth)
        )


def _block_name(stage, position):
    return f"stage{stage + 1}_block{position + 1}"
