"""What attention does: maps of every BAM, Grad-CAM, a number for boxes, and figures of them."""

from keras_bam.explain.attention import AttentionMaps as AttentionMaps
from keras_bam.explain.attention import attention_maps as attention_maps
from keras_bam.explain.attention_figure import plot_attention as plot_attention
from keras_bam.explain.box_share import BoxShare as BoxShare
from keras_bam.explain.box_share import box_share as box_share
from keras_bam.explain.grad_cam import GradCAM as GradCAM
from keras_bam.explain.grad_cam import feature_map as feature_map
from keras_bam.explain.grad_cam import grad_cam as grad_cam
from keras_bam.explain.grad_cam_figure import plot_grad_cam as plot_grad_cam
from keras_bam.explain.hierarchy_figure import plot_hierarchy as plot_hierarchy
from keras_bam.explain.random_weights import never_trained as never_trained

__all__ = [
    "AttentionMaps",
    "BoxShare",
    "GradCAM",
    "attention_maps",
    "box_share",
    "feature_map",
    "grad_cam",
    "never_trained",
    "plot_attention",
    "plot_grad_cam",
    "plot_hierarchy",
]
