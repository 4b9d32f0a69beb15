"""Names in pytorchcv's `bam_resnet18` to `bam_resnet152`."""

_BAM = {
    "channel/reduce": "ch_att.init_fc.fc",
    "channel/reduce_norm": "ch_att.init_fc.bn",
    "channel/expand": "ch_att.final_fc",
    "spatial/reduce": "sp_att.init_conv.conv",
    "spatial/reduce_norm": "sp_att.init_conv.bn",
    "spatial/dilated_1": "sp_att.dil_convs.conv1.conv",
    "spatial/dilated_1_norm": "sp_att.dil_convs.conv1.bn",
    "spatial/dilated_2": "sp_att.dil_convs.conv2.conv",
    "spatial/dilated_2_norm": "sp_att.dil_convs.conv2.bn",
    "spatial/project": "sp_att.final_conv",
}


def _unit(stage, block):
    return f"features.stage{stage}.unit{block}"


def _in_block(stage, block, kind, number):
    return f"{_unit(stage, block)}.res_unit.body.conv{number}.{kind}"


def _shortcut(stage, block, kind):
    return f"{_unit(stage, block)}.res_unit.identity_conv.{kind}"


def _bam(stage, part):
    # There a BAM stands at the beginning of the next stage.
    return f"{_unit(int(stage) + 1, 1)}.bam.{_BAM[part]}"


RULES = (
    (r"stem_(conv|bn)", lambda kind: f"features.init_block.conv.{kind}"),
    (r"stage(\d)_block(\d+)_(conv|bn)(\d)", _in_block),
    (r"stage(\d)_block(\d+)_shortcut_(conv|bn)", _shortcut),
    (r"stage(\d)_block\d+_out_bam/(.+)", _bam),
    ("predictions", "output"),
)
