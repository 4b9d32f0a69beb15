"""A two-stage detector's parts as slow loops over float64 numbers, from the papers."""

import math

import numpy as np


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / union if union > 0 else 0.0


def moved(box, offsets, variances=(1, 1, 1, 1)):
    x, y, w, h = (value * variance for value, variance in zip(offsets, variances, strict=True))
    width, height = box[2] - box[0], box[3] - box[1]
    cx = (box[0] + box[2]) / 2 + x * width
    cy = (box[1] + box[3]) / 2 + y * height
    width, height = width * math.exp(w), height * math.exp(h)
    return [cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2]


def offsets_to(box, target, variances=(0.1, 0.1, 0.2, 0.2)):
    width, height = box[2] - box[0], box[3] - box[1]
    values = (
        ((target[0] + target[2]) - (box[0] + box[2])) / 2 / width,
        ((target[1] + target[3]) - (box[1] + box[3])) / 2 / height,
        math.log((target[2] - target[0]) / width),
        math.log((target[3] - target[1]) / height),
    )
    return [value / variance for value, variance in zip(values, variances, strict=True)]


def clipped(box, limit):
    return [min(max(value, 0), limit[n % 2]) for n, value in enumerate(box)]


def proposals(scores, offsets, corners, limit, candidates, count, iou_threshold):
    """Of one image: a list of boxes, best first."""
    kept = []
    for place in sorted(range(len(scores)), key=lambda n: -scores[n])[:candidates]:
        box = clipped(moved(corners[place], offsets[place]), limit)
        real = box[2] > box[0] and box[3] > box[1]
        if real and all(overlap(box, other) <= iou_threshold for other in kept):
            kept.append(box)
    return kept[:count]


def samples(positive, negative, keys, count, positive_share):
    """Of one image: indices."""
    by_key = sorted(range(len(keys)), key=lambda n: -keys[n])
    chosen = [n for n in by_key if positive[n]][: max(int(positive_share * count), 1)]
    return chosen + [n for n in by_key if negative[n]][: count - len(chosen)]


def pooled(features, box, size, scales):
    """RoIAlign of one box on one map, as torchvision documents it: two samples a bin and side."""
    height, width, channels = features.shape
    x1, y1, x2, y2 = (value * scales[n % 2] - 0.5 for n, value in enumerate(box))
    out = np.zeros((size, size, channels))
    for row in range(size):
        for column in range(size):
            for down in (0.25, 0.75):
                for across in (0.25, 0.75):
                    y = y1 + (row + down) * (y2 - y1) / size
                    x = x1 + (column + across) * (x2 - x1) / size
                    if -1 <= y <= height and -1 <= x <= width:
                        out[row, column] += interpolated(features, y, x) / 4
    return out


def interpolated(features, y, x):
    height, width, _ = features.shape
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    top, left = int(y), int(x)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    dy, dx = y - top, x - left
    above = (1 - dx) * features[top, left] + dx * features[top, right]
    below = (1 - dx) * features[bottom, left] + dx * features[bottom, right]
    return (1 - dy) * above + dy * below


def cross_entropy(logits, label):
    shifted = logits - np.max(logits)
    return math.log(np.exp(shifted).sum()) - shifted[label]


def smooth_l1(difference, sigma):
    size = abs(difference)
    return sigma**2 * size**2 / 2 if size < 1 / sigma**2 else size - 0.5 / sigma**2


def losses(labels, logits, targets, offsets, sigma=1.0):
    """Of one image's samples: (cross-entropy, smooth L1 of those with a label above 0)."""
    rows = range(len(labels))
    classification = sum(cross_entropy(logits[n], labels[n]) for n in rows)
    boxes = sum(
        smooth_l1(targets[n][side] - offsets[n][side], sigma)
        for n in rows
        for side in range(4)
        if labels[n] > 0
    )
    return classification / max(len(labels), 1), boxes / max(len(labels), 1)
