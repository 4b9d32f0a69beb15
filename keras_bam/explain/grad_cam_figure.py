"""The figure of Grad-CAM: images, and where their class is seen, layer by layer."""

import numpy as np

from keras_bam.explain import panels
from keras_bam.explain.figure import checked_images, checked_path, mark_random, new_figure, save


def plot_grad_cam(cams, images, path, class_names=None):
    """For each image a row: input with the class it is taken for, then the map of each layer.

    Maps are put over the image in grey, each divided by its own largest value.

    Args:
        cams: from `grad_cam`, one for each layer, of the same images.
        images: as for `plot_attention`.
        path: as for `plot_attention`.
        class_names: one for each class.

    Raises:
        ValueError: for maps or images that can't be shown, or an unknown suffix.
        FileNotFoundError: if `path` lies in no folder.
    """
    path = checked_path(path)
    for cam in cams:
        if cam.maps.ndim != 3:
            raise ValueError(
                f"the map of layer={cam.layer!r} has shape {cam.maps.shape}, which is no picture: "
                "figures show (batch, height, width)"
            )
    images = checked_images(images, len(cams[0].maps))
    figure = new_figure((0.3 + 2.1 * (1 + len(cams)), 0.5 + 2.3 * len(images)))
    grid = figure.subplots(len(images), 1 + len(cams), squeeze=False)
    for index, row in enumerate(grid):
        panels.draw_image(row[0], images[index], "" if index else "input")
        predicted = int(cams[0].logits[index].argmax())
        row[0].set_xlabel(_said(cams[0], index, predicted, class_names), fontsize=panels.SMALL + 1)
        for axes, cam in zip(row[1:], cams, strict=True):
            height, width = cam.maps.shape[1:]
            title = "" if index else f"{cam.layer}\n{height} x {width}"
            panels.draw_heat(axes, images[index], cam.maps[index], title)
            chosen = int(cam.class_index[index])
            text = f"for {_name(chosen, class_names)}"
            if not cam.maps[index].any():
                text = f"nothing {text}"
            axes.set_xlabel(text, fontsize=panels.SMALL + 1)
    if any(cam.random_weights for cam in cams):
        mark_random(figure, "this network was")
    save(figure, path)


def _said(cam, index, predicted, class_names):
    share = probabilities(cam.logits[index])[predicted]
    return f"taken for {_name(predicted, class_names)}, {100 * share:.0f} %"


def _name(index, class_names):
    return f"class {index}" if class_names is None else class_names[index].replace("_", " ")


def probabilities(logits):
    """Softmax over the last axis, of a NumPy array."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)
