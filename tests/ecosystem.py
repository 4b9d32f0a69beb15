"""Networks of keras.applications, KerasCV and KerasHub, built with random weights, offline.

Presets and aliases of KerasCV and KerasHub look for weights in the network, so their networks are
built by the constructors here, with the arguments of the presets. Nothing of KerasCV or KerasHub is
imported before one of their rows is built.
"""

import dataclasses
import importlib
from typing import Any


@dataclasses.dataclass(frozen=True)
class Network:
    """One network.

    Attributes:
        name: of the row.
        library: "keras.applications", "keras_cv.models" or "keras_hub.models".
        constructor: name in the library.
        arguments: of the constructor; a `Network` among them is built first.
        size: of the images to run it on, where the constructor fixes none.
    """

    name: str
    library: str
    constructor: str
    arguments: dict[str, Any]
    size: int | None

    def build(self):
        arguments = {
            name: value.build() if isinstance(value, Network) else value
            for name, value in self.arguments.items()
        }
        return getattr(importlib.import_module(self.library), self.constructor)(**arguments)


def _application(constructor):
    # Logits: a softmax of those of random weights says little.
    arguments = {"weights": None, "classifier_activation": None}
    return Network(constructor, "keras.applications", constructor, arguments, 224)


def _cv(name, constructor, size=128, **arguments):
    return Network(f"KerasCV {name}", "keras_cv.models", constructor, arguments, size)


def _hub(name, constructor, size=128, **arguments):
    return Network(f"KerasHub {name}", "keras_hub.models", constructor, arguments, size)


APPLICATIONS = [
    _application(constructor)
    for constructor in (
        *("ConvNeXtTiny", "ConvNeXtSmall", "ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtXLarge"),
        *("DenseNet121", "DenseNet169", "DenseNet201"),
        *(f"EfficientNetB{number}" for number in range(8)),
        *(f"EfficientNetV2{variant}" for variant in ("B0", "B1", "B2", "B3", "S", "M", "L")),
        *("InceptionResNetV2", "InceptionV3"),
        *("MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large"),
        *("NASNetMobile", "NASNetLarge"),
        *("ResNet50", "ResNet101", "ResNet152", "ResNet50V2", "ResNet101V2", "ResNet152V2"),
        *("VGG16", "VGG19", "Xception"),
    )
]

_EFFICIENTNET_B0 = {
    "stackwise_kernel_sizes": [3, 3, 5, 3, 5, 5, 3],
    "stackwise_num_repeats": [1, 2, 2, 3, 3, 4, 1],
    "stackwise_input_filters": [32, 16, 24, 40, 80, 112, 192],
    "stackwise_output_filters": [16, 24, 40, 80, 112, 192, 320],
    "stackwise_expansion_ratios": [1, 6, 6, 6, 6, 6, 6],
    "stackwise_strides": [1, 2, 2, 2, 1, 2, 1],
}
_EFFICIENTNET_V2 = {
    "stackwise_kernel_sizes": [3, 3, 3, 3, 3, 3],
    "stackwise_expansion_ratios": [1, 4, 4, 4, 6, 6],
    "stackwise_squeeze_and_excite_ratios": [0, 0, 0, 0.25, 0.25, 0.25],
    "stackwise_strides": [1, 2, 2, 2, 1, 2],
}
_EFFICIENTNET_V2_B0 = {
    **_EFFICIENTNET_V2,
    "stackwise_num_repeats": [1, 2, 2, 3, 5, 8],
    "stackwise_input_filters": [32, 16, 32, 48, 96, 112],
    "stackwise_output_filters": [16, 32, 48, 96, 112, 192],
}
_EFFICIENTNET_V2_S = {
    **_EFFICIENTNET_V2,
    "stackwise_num_repeats": [2, 4, 4, 6, 9, 15],
    "stackwise_input_filters": [24, 24, 48, 64, 128, 160],
    "stackwise_output_filters": [24, 48, 64, 128, 160, 256],
}
_FUSED_FIRST = ["fused"] * 3 + ["unfused"] * 3
_NO_SCALING = {"width_coefficient": 1.0, "depth_coefficient": 1.0}
_STAGES = {"stackwise_filters": [64, 128, 256, 512], "stackwise_strides": [1, 2, 2, 2]}


def _cv_resnet(name, constructor, blocks, block_type):
    return _cv(
        name,
        constructor,
        **_STAGES,
        stackwise_blocks=blocks,
        block_type=block_type,
        include_rescaling=True,
    )


KERAS_CV = [
    _cv_resnet("ResNet18", "ResNetBackbone", [2, 2, 2, 2], "basic_block"),
    _cv_resnet("ResNet50", "ResNetBackbone", [3, 4, 6, 3], "block"),
    _cv_resnet("ResNet18V2", "ResNetV2Backbone", [2, 2, 2, 2], "basic_block"),
    _cv_resnet("ResNet50V2", "ResNetV2Backbone", [3, 4, 6, 3], "block"),
    _cv(
        "CSPDarkNetS",
        "CSPDarkNetBackbone",
        stackwise_channels=[64, 128, 256, 512],
        stackwise_depth=[1, 3, 3, 1],
        include_rescaling=True,
    ),
    _cv(
        "CSPDarkNetL",
        "CSPDarkNetBackbone",
        stackwise_channels=[128, 256, 512, 1024],
        stackwise_depth=[3, 9, 9, 3],
        include_rescaling=True,
    ),
    _cv(
        "DenseNet121",
        "DenseNetBackbone",
        stackwise_num_repeats=[6, 12, 24, 16],
        include_rescaling=True,
    ),
    _cv(
        "MobileNetV3Small",
        "MobileNetV3Backbone",
        stackwise_expansion=[1, 72 / 16, 88 / 24, 4, 6, 6, 3, 3, 6, 6, 6],
        stackwise_filters=[16, 24, 24, 40, 40, 40, 48, 48, 96, 96, 96],
        stackwise_kernel_size=[3, 3, 3, 5, 5, 5, 5, 5, 5, 5, 5],
        stackwise_stride=[2, 2, 1, 2, 1, 1, 1, 1, 2, 1, 1],
        stackwise_se_ratio=[0.25, None, None] + [0.25] * 8,
        stackwise_activation=["relu"] * 3 + ["hard_swish"] * 8,
        include_rescaling=True,
    ),
    _cv(
        "MobileNetV3Large",
        "MobileNetV3Backbone",
        stackwise_expansion=[1, 4, 3, 3, 3, 3, 6, 2.5, 2.3, 2.3, 6, 6, 6, 6, 6],
        stackwise_filters=[16, 24, 24, 40, 40, 40, 80, 80, 80, 80, 112, 112, 160, 160, 160],
        stackwise_kernel_size=[3, 3, 3, 5, 5, 5, 3, 3, 3, 3, 3, 3, 5, 5, 5],
        stackwise_stride=[1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1],
        stackwise_se_ratio=[None] * 3 + [0.25] * 3 + [None] * 4 + [0.25] * 5,
        stackwise_activation=["relu"] * 6 + ["hard_swish"] * 9,
        include_rescaling=True,
    ),
    _cv("VGG16", "VGG16Backbone", None, include_rescaling=True, include_top=False),
    _cv(
        "EfficientNetV1B0",
        "EfficientNetV1Backbone",
        **_EFFICIENTNET_B0,
        **_NO_SCALING,
        stackwise_squeeze_and_excite_ratios=[0.25] * 7,
        include_rescaling=True,
    ),
    _cv(
        "EfficientNetV2B0",
        "EfficientNetV2Backbone",
        **_EFFICIENTNET_V2_B0,
        **_NO_SCALING,
        stackwise_conv_types=_FUSED_FIRST,
        include_rescaling=True,
    ),
    _cv(
        "EfficientNetV2S",
        "EfficientNetV2Backbone",
        **_EFFICIENTNET_V2_S,
        **_NO_SCALING,
        stackwise_conv_types=_FUSED_FIRST,
        include_rescaling=True,
    ),
    _cv(
        "EfficientNetLiteB0",
        "EfficientNetLiteBackbone",
        **_EFFICIENTNET_B0,
        **_NO_SCALING,
        include_rescaling=True,
    ),
    _cv(
        "MiTB0",
        "MiTBackbone",
        None,
        include_rescaling=True,
        depths=[2, 2, 2, 2],
        embedding_dims=[32, 64, 160, 256],
    ),
    _cv(
        "YOLOV8XS",
        "YOLOV8Backbone",
        stackwise_channels=[32, 64, 128, 256],
        stackwise_depth=[1, 2, 2, 1],
        include_rescaling=True,
    ),
    _cv(
        "YOLOV8S",
        "YOLOV8Backbone",
        stackwise_channels=[64, 128, 256, 512],
        stackwise_depth=[1, 2, 2, 1],
        include_rescaling=True,
    ),
    # Of the depth of its preset, on smaller images: at 1024 pixels it would run for minutes.
    _cv("ViTDetB", "ViTDetBackbone", None, include_rescaling=True, input_shape=(256, 256, 3)),
    # The only one for videos.
    _cv(
        "VideoSwinT",
        "VideoSwinBackbone",
        None,
        include_rescaling=False,
        input_shape=(8, 64, 64, 3),
        embed_dim=96,
        depths=[2, 2, 6, 2],
        num_heads=[3, 6, 12, 24],
    ),
]


def _hub_resnet(name, blocks, block_type, stem=(64,), kernels=(7,), pre_activation=False, size=128):
    return _hub(
        name,
        "ResNetBackbone",
        size,
        input_conv_filters=list(stem),
        input_conv_kernel_sizes=list(kernels),
        stackwise_num_filters=[64, 128, 256, 512],
        stackwise_num_blocks=blocks,
        stackwise_num_strides=[1, 2, 2, 2],
        block_type=block_type,
        use_pre_activation=pre_activation,
    )


_VD_STEM = {"stem": (32, 32, 64), "kernels": (3, 3, 3)}
_DARKNET = {
    "stem_filters": 32,
    "stem_kernel_size": 3,
    "stem_strides": 1,
    "stem_padding": "same",
    "stackwise_depth": [1, 2, 8, 8, 4],
    "stackwise_num_filters": [64, 128, 256, 512, 1024],
    "stackwise_strides": [2, 2, 2, 2, 2],
    "block_type": "dark_block",
}
_MIT_B0 = _hub(
    "MiTB0",
    "MiTBackbone",
    None,
    image_shape=(224, 224, 3),
    num_layers=4,
    hidden_dims=[32, 64, 160, 256],
    layerwise_depths=[2, 2, 2, 2],
    layerwise_num_heads=[1, 2, 5, 8],
    layerwise_sr_ratios=[8, 4, 2, 1],
    layerwise_patch_sizes=[7, 3, 3, 3],
    layerwise_strides=[4, 2, 2, 2],
    max_drop_path_rate=0.1,
)
_MOBILENET_SMALL = {
    "stackwise_num_blocks": [2, 3, 2, 3],
    "stackwise_expansion": [[72, 88], [96, 240, 240], [120, 144], [288, 576, 576]],
    "stackwise_num_filters": [[24, 24], [40, 40, 40], [48, 48], [96, 96, 96]],
    "stackwise_kernel_size": [[3, 3], [5, 5, 5], [5, 5], [5, 5, 5]],
    "stackwise_num_strides": [[2, 1], [2, 1, 1], [1, 1], [2, 1, 1]],
    "stackwise_se_ratio": [[None] * 2, [0.25] * 3, [0.25] * 2, [0.25] * 3],
    "stackwise_activation": [["relu"] * 2] + [["hard_swish"] * n for n in (3, 2, 3)],
    "stackwise_padding": [[1, 1], [2, 2, 2], [2, 2], [2, 2, 2]],
    "depthwise_filters": 16,
    "depthwise_stride": 2,
    "depthwise_residual": False,
    "squeeze_and_excite": 0.5,
    "last_layer_filter": 576,
}
_MOBILENET_LARGE = {
    "stackwise_num_blocks": [2, 3, 4, 2, 3],
    "stackwise_expansion": [
        [64, 72],
        [72, 120, 120],
        [240, 200, 184, 184],
        [480, 672],
        [672, 960, 960],
    ],
    "stackwise_num_filters": [[24] * 2, [40] * 3, [80] * 4, [112] * 2, [160] * 3],
    "stackwise_kernel_size": [[3] * 2, [5] * 3, [3] * 4, [3] * 2, [5] * 3],
    "stackwise_num_strides": [[2, 1], [2, 1, 1], [2, 1, 1, 1], [1, 1], [2, 1, 1]],
    "stackwise_se_ratio": [[None] * 2, [0.25] * 3, [None] * 4, [0.25] * 2, [0.25] * 3],
    "stackwise_activation": [
        *(["relu"] * 2, ["relu"] * 3),
        *(["hard_swish"] * n for n in (4, 2, 3)),
    ],
    "stackwise_padding": [[1] * 2, [2] * 3, [1] * 4, [1] * 2, [2] * 3],
    "depthwise_filters": 16,
    "depthwise_stride": 1,
    "depthwise_residual": True,
    "squeeze_and_excite": None,
    "last_layer_filter": 960,
}
_MOBILENET_OUTSIDE = {
    "input_num_filters": 16,
    "output_num_filters": 1024,
    "input_activation": "hard_swish",
    "output_activation": "hard_swish",
}
_HGNET_B0 = {
    "stem_channels": [3, 16, 16],
    "stackwise_stage_filters": [
        [16, 16, 64, 1, 3, 3],
        [64, 32, 256, 1, 3, 3],
        [256, 64, 512, 2, 3, 5],
        [512, 128, 1024, 1, 3, 5],
    ],
    "depths": [1, 1, 2, 1],
    "hidden_sizes": [64, 256, 512, 1024],
    "embedding_size": 16,
    "use_learnable_affine_block": True,
}
_HGNET_B4 = {
    "stem_channels": [3, 32, 48],
    "stackwise_stage_filters": [
        [48, 48, 128, 1, 6, 3],
        [128, 96, 512, 1, 6, 3],
        [512, 192, 1024, 3, 6, 5],
        [1024, 384, 2048, 1, 6, 5],
    ],
    "depths": [1, 1, 3, 1],
    "hidden_sizes": [128, 512, 1024, 2048],
    "embedding_size": 48,
    "use_learnable_affine_block": False,
}


def _hgnet(name, arguments):
    return _hub(
        name,
        "HGNetV2Backbone",
        **arguments,
        hidden_act="relu",
        apply_downsample=[False, True, True, True],
        use_lightweight_conv_block=[False, False, True, True],
    )


_DINO_SMALL = _hub(
    "DINOV2Small",
    "DINOV2Backbone",
    None,
    patch_size=14,
    num_layers=12,
    hidden_dim=384,
    num_heads=6,
    intermediate_dim=1536,
    image_shape=(224, 224, 3),
)
_RESNET18 = _hub_resnet("ResNet18", [2, 2, 2, 2], "basic_block")
_RESNET50 = _hub_resnet("ResNet50", [3, 4, 6, 3], "bottleneck_block")

KERAS_HUB = [
    _RESNET18,
    _RESNET50,
    _hub_resnet("ResNet50V2", [3, 4, 6, 3], "bottleneck_block", pre_activation=True),
    _hub_resnet("ResNetVD18", [2, 2, 2, 2], "basic_block_vd", **_VD_STEM),
    _hub_resnet("ResNetVD50", [3, 4, 6, 3], "bottleneck_block_vd", **_VD_STEM),
    _hub("DenseNet121", "DenseNetBackbone", stackwise_num_repeats=[6, 12, 24, 16]),
    _hub("DarkNet53", "CSPNetBackbone", **_DARKNET, stage_type="dark", bottle_ratio=[0.5]),
    _hub(
        "CSPDarkNet53",
        "CSPNetBackbone",
        **_DARKNET,
        stage_type="csp",
        bottle_ratio=(0.5, 1.0),
        block_ratio=(1.0, 0.5),
        expand_ratio=(2.0, 1.0),
        down_growth=True,
    ),
    _hub(
        "CSPResNet50",
        "CSPNetBackbone",
        stem_filters=64,
        stem_kernel_size=7,
        stem_strides=4,
        stem_padding="valid",
        stem_pooling="max",
        stackwise_depth=[3, 3, 5, 2],
        stackwise_num_filters=[128, 256, 512, 1024],
        stackwise_strides=[1, 2, 2, 2],
        block_type="bottleneck_block",
        stage_type="csp",
        bottle_ratio=[0.5],
        expand_ratio=[2.0],
        cross_linear=True,
    ),
    _hub(
        "EfficientNetB0",
        "EfficientNetBackbone",
        **_EFFICIENTNET_B0,
        stackwise_width_coefficients=[1.0] * 7,
        stackwise_depth_coefficients=[1.0] * 7,
        stackwise_squeeze_and_excite_ratios=[0.25] * 7,
        stackwise_block_types=["v1"] * 7,
        min_depth=None,
        use_depth_divisor_as_min_depth=True,
        cap_round_filter_decrease=True,
        dropout=0,
    ),
    _hub(
        "EfficientNetV2S",
        "EfficientNetBackbone",
        **_EFFICIENTNET_V2_S,
        stackwise_width_coefficients=[1.0] * 6,
        stackwise_depth_coefficients=[1.0] * 6,
        stackwise_block_types=_FUSED_FIRST,
    ),
    _hub("MobileNetV3Small", "MobileNetBackbone", **_MOBILENET_SMALL, **_MOBILENET_OUTSIDE),
    _hub("MobileNetV3Large", "MobileNetBackbone", **_MOBILENET_LARGE, **_MOBILENET_OUTSIDE),
    # Two stages, as in its documentation: the smallest preset has 294 million parameters.
    _hub(
        "MobileNetV5",
        "MobileNetV5Backbone",
        stackwise_block_types=[["er"], ["uir", "uir"]],
        stackwise_num_blocks=[1, 2],
        stackwise_num_filters=[[24], [48, 48]],
        stackwise_strides=[[2], [2, 1]],
        stackwise_act_layers=[["relu"], ["relu", "relu"]],
        stackwise_exp_ratios=[[4.0], [6.0, 6.0]],
        stackwise_se_ratios=[[0.0], [0.0, 0.0]],
        stackwise_dw_kernel_sizes=[[0], [5, 5]],
        stackwise_dw_start_kernel_sizes=[[0], [0, 0]],
        stackwise_dw_end_kernel_sizes=[[0], [0, 0]],
        stackwise_exp_kernel_sizes=[[3], [0, 0]],
        stackwise_pw_kernel_sizes=[[1], [0, 0]],
        stackwise_num_heads=[[0], [0, 0]],
        stackwise_key_dims=[[0], [0, 0]],
        stackwise_value_dims=[[0], [0, 0]],
        stackwise_kv_strides=[[0], [0, 0]],
        stackwise_use_cpe=[[False], [False, False]],
        use_msfa=False,
    ),
    _hub(
        "VGG16",
        "VGGBackbone",
        stackwise_num_repeats=[2, 2, 3, 3, 3],
        stackwise_num_filters=[64, 128, 256, 512, 512],
    ),
    _hub(
        "Xception41",
        "XceptionBackbone",
        stackwise_conv_filters=[
            *([32, 64], [128, 128], [256, 256], [728, 728]),
            *[[728, 728, 728]] * 8,
            *([728, 1024], [1536, 2048]),
        ],
        stackwise_pooling=[False, *[True] * 3, *[False] * 8, True, False],
    ),
    _MIT_B0,
    _hgnet("HGNetV2B0", _HGNET_B0),
    _hgnet("HGNetV2B4", _HGNET_B4),
    _hub(
        "SwinTiny",
        "SwinTransformerBackbone",
        None,
        image_shape=(224, 224, 3),
        embed_dim=96,
        depths=(2, 2, 6, 2),
        num_heads=(3, 6, 12, 24),
        window_size=7,
    ),
    _hub(
        "DeepLabV3 on ResNet18",
        "DeepLabV3Backbone",
        image_encoder=_RESNET18,
        projection_filters=48,
        low_level_feature_key="P2",
        spatial_pyramid_pooling_key="P5",
        upsampling_size=8,
        dilation_rates=[6, 12, 18],
    ),
    _hub(
        "SegFormer on MiTB0",
        "SegFormerBackbone",
        None,
        image_encoder=_MIT_B0,
        projection_filters=256,
    ),
    _hub(
        "RetinaNet on ResNet50",
        "RetinaNetBackbone",
        image_encoder=_RESNET50,
        min_level=3,
        max_level=7,
        use_p5=False,
    ),
    _hub("BASNet on ResNet18", "BASNetBackbone", image_encoder=_RESNET18, num_classes=1),
    _hub(
        "D-FINE on HGNetV2B0",
        "DFineBackbone",
        256,
        backbone=_hgnet("HGNetV2B0", {**_HGNET_B0, "out_features": ["stage3", "stage4"]}),
        decoder_in_channels=[128, 128],
        encoder_hidden_dim=128,
        num_denoising=0,
        num_labels=80,
        hidden_dim=128,
        learn_initial_query=False,
        num_queries=300,
        anchor_image_size=(256, 256),
        feat_strides=[16, 32],
        num_feature_levels=2,
        encoder_in_channels=[512, 1024],
        encode_proj_layers=[1],
        num_attention_heads=8,
        encoder_ffn_dim=512,
        num_encoder_layers=1,
        hidden_expansion=0.34,
        depth_multiplier=0.5,
        eval_idx=-1,
        num_decoder_layers=3,
        decoder_attention_heads=8,
        decoder_ffn_dim=512,
        decoder_n_points=[6, 6],
        lqe_hidden_dim=64,
        num_lqe_layers=2,
        out_features=["stage3", "stage4"],
        seed=0,
    ),
    _hub(
        "ViTBase",
        "ViTBackbone",
        None,
        image_shape=(224, 224, 3),
        patch_size=16,
        num_layers=12,
        num_heads=12,
        hidden_dim=768,
        mlp_dim=3072,
    ),
    _hub(
        "DeiTTiny",
        "DeiTBackbone",
        None,
        image_shape=(224, 224, 3),
        patch_size=16,
        num_layers=12,
        num_heads=3,
        hidden_dim=192,
        intermediate_dim=768,
    ),
    _DINO_SMALL,
    _hub(
        "DINOV3Small",
        "DINOV3Backbone",
        None,
        patch_size=16,
        num_layers=12,
        hidden_dim=384,
        num_heads=6,
        intermediate_dim=1536,
        image_shape=(224, 224, 3),
    ),
    _hub(
        "DepthAnythingSmall",
        "DepthAnythingBackbone",
        None,
        image_encoder=_DINO_SMALL,
        reassemble_factors=[4, 2, 1, 0.5],
        neck_hidden_dims=[48, 96, 192, 384],
        fusion_hidden_dim=64,
        head_hidden_dim=32,
        head_in_index=-1,
        feature_keys=["stage3", "stage6", "stage9", "stage12"],
    ),
    # SAM's base encoder, on smaller images.
    _hub(
        "ViTDetBase",
        "ViTDetBackbone",
        None,
        hidden_size=768,
        num_layers=12,
        intermediate_dim=3072,
        num_heads=12,
        global_attention_layer_indices=[2, 5, 8, 11],
        image_shape=(256, 256, 3),
    ),
]

NETWORKS = [*APPLICATIONS, *KERAS_CV, *KERAS_HUB]
