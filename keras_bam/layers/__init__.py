from keras_bam.layers.bam import BAM as BAM
from keras_bam.layers.channel_branch import ChannelBranch as ChannelBranch
from keras_bam.layers.spatial_branch import SpatialBranch as SpatialBranch
from keras_bam.layers.squeeze_excite import SqueezeExcite as SqueezeExcite

__all__ = ["BAM", "ChannelBranch", "SpatialBranch", "SqueezeExcite"]
