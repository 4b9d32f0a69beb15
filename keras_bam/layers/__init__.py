from keras_bam.layers.bam import BAM as BAM
from keras_bam.layers.channel_branch import ChannelBranch as ChannelBranch
from keras_bam.layers.l2_normalization import L2Normalization as L2Normalization
from keras_bam.layers.spatial_branch import SpatialBranch as SpatialBranch
from keras_bam.layers.squeeze_excite import SqueezeExcite as SqueezeExcite

__all__ = ["BAM", "ChannelBranch", "L2Normalization", "SpatialBranch", "SqueezeExcite"]
