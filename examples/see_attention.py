"""What BAM attends to in a photograph, with the trained weights that come with the package.

    KERAS_BACKEND=jax python examples/see_attention.py [IMAGE]

Writes attention.png (for each BAM the map before, both branches, attention, the map after),
hierarchy.png (Figure 1 of the paper) and grad_cam.png into the working directory, in a few seconds
on two CPU cores. Without IMAGE it looks at docs/cat.jpg. The network was trained on the 32-pixel
images of CIFAR-10 (applications/packaged_weights/cifar10.json): expect it to know airplanes,
automobiles, birds, cats, deer, dogs, frogs, horses, ships and trucks that fill the image.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from keras_bam import applications, data, explain
from keras_bam.applications import packaged

CAT = Path(__file__).resolve().parent.parent / "docs" / "cat.jpg"
BOX = (0.1, 0.1, 0.9, 0.9)  # left, top, right, bottom as shares of the image, for the number below

model = applications.CifarResNetSmall(attention="bam", classes=10, weights="cifar10")
facts = packaged.facts("cifar10")
class_names = facts["class_names"]

image = Image.open(sys.argv[1] if sys.argv[1:] else CAT).convert("RGB")
side = min(image.size)
left, top = (image.width - side) // 2, (image.height - side) // 2
image = image.resize((32, 32), Image.Resampling.LANCZOS, (left, top, left + side, top + side))
images = np.asarray(image)[np.newaxis]  # as people see it
fed = data.normalize(images, facts["mean"], facts["std"])  # as the network does

maps = explain.attention_maps(model, fed)
for bam in maps:
    attention = bam.mean_attention
    print(f"{bam.name}: M from {attention.min():.2f} to {attention.max():.2f}")
for share in explain.box_share(maps, [[BOX]]):
    print(f"{share.name}: attention in the box {share.attention[0]:.2f} times chance")

layers = [*(bam.name for bam in maps), None]  # None: the last feature map
cams = [explain.grad_cam(model, fed, layer) for layer in layers]
print(f"taken for: {class_names[cams[0].class_index[0]]}")

explain.plot_attention(maps, images, "attention.png")
explain.plot_hierarchy(maps, images, "hierarchy.png", last=explain.feature_map(model, fed))
explain.plot_grad_cam(cams, images, "grad_cam.png", class_names)
