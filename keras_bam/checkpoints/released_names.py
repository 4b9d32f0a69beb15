"""Names in the authors' released code, which are torchvision's with the three BAMs beside them."""

_BAM = {  # `self.gate_c` and `self.gate_s` number what they hold; the first batch norm is the 1
    "channel/reduce": "channel_att.gate_c.gate_c_fc_0",
    "channel/reduce_norm": "channel_att.gate_c.gate_c_bn_1",
    "channel/expand": "channel_att.gate_c.gate_c_fc_final",
    "spatial/reduce": "spatial_att.gate_s.gate_s_conv_reduce0",
    "spatial/reduce_norm": "spatial_att.gate_s.gate_s_bn_reduce0",
    "spatial/dilated_1": "spatial_att.gate_s.gate_s_conv_di_0",
    "spatial/dilated_1_norm": "spatial_att.gate_s.gate_s_bn_di_0",
    "spatial/dilated_2": "spatial_att.gate_s.gate_s_conv_di_1",
    "spatial/dilated_2_norm": "spatial_att.gate_s.gate_s_bn_di_1",
    "spatial/project": "spatial_att.gate_s.gate_s_conv_final",
}


def _block(stage, block):
    return f"layer{stage}.{int(block) - 1}"


RULES = (
    ("stem_conv", "conv1"),
    ("stem_bn", "bn1"),
    (r"stage(\d)_block(\d+)_(conv|bn)(\d)", lambda s, b, kind, n: f"{_block(s, b)}.{kind}{n}"),
    (r"stage(\d)_block(\d+)_shortcut_conv", lambda s, b: f"{_block(s, b)}.downsample.0"),
    (r"stage(\d)_block(\d+)_shortcut_bn", lambda s, b: f"{_block(s, b)}.downsample.1"),
    (r"stage(\d)_block\d+_out_bam/(.+)", lambda s, part: f"bam{s}.{_BAM[part]}"),
    ("predictions", "fc"),
)
