"""Equations 1 and 2 of BAM (arXiv:1807.06514) on tensors; no weights here."""

from keras import ops

from keras_bam.ops.fast_paths import fast_path

COMBINATIONS = {"add": ops.add, "multiply": ops.multiply, "maximum": ops.maximum}


def combine(channel_logits=None, spatial_logits=None, how="add"):
    """M(F) = sigmoid(Mc + Ms), equation 2 of arXiv:1807.06514.

    With one of the two logits left out M(F) is the sigmoid of the other (Table 1b).

    Args:
        channel_logits: Mc(F), shape (batch, 1, 1, channels), or None.
        spatial_logits: Ms(F), shape (batch, height, width, 1), or None.
        how: "add" is the paper's sum, "multiply" what the authors' released code does, "maximum"
            the third way of Table 1b. Without meaning when one of the logits is None.

    Returns:
        M(F), values in (0, 1), of the shape that the two logits broadcast to.

    Raises:
        ValueError: if `how` is unknown or both logits are None.
    """
    _check(how, channel_logits, spatial_logits)
    if channel_logits is None:
        return ops.sigmoid(spatial_logits)
    if spatial_logits is None:
        return ops.sigmoid(channel_logits)
    return ops.sigmoid(COMBINATIONS[how](channel_logits, spatial_logits))


def refine(features, channel_logits=None, spatial_logits=None, how="add", scale=None):
    """F' = F + F * M(F), equation 1 of arXiv:1807.06514, with M(F) from `combine`.

    Args:
        features: F, shape (batch, height, width, channels).
        channel_logits: Mc(F), shape (batch, 1, 1, channels), or None.
        spatial_logits: Ms(F), shape (batch, height, width, 1), or None.
        how: see `combine`.
        scale: a, shape broadcastable to F: F' = F + a * F * M(F). None is the paper's equation.

    Returns:
        F', shape and dtype of F. Any spatial rank and either data format will do, as long as the
        logits broadcast against F.
    """
    _check(how, channel_logits, spatial_logits)
    both = channel_logits is not None and spatial_logits is not None
    fast = fast_path("refine", features, channel_logits, spatial_logits, scale) if both else None
    refined = fast and fast(features, channel_logits, spatial_logits, how, scale)
    if refined is not None:
        return refined
    gain = combine(channel_logits, spatial_logits, how)
    if scale is not None:
        gain = ops.multiply(scale, gain)
    return ops.add(features, ops.multiply(features, gain))


def _check(how, channel_logits, spatial_logits):
    if how not in list(COMBINATIONS):
        raise ValueError(f"how must be one of {sorted(COMBINATIONS)}, received {how!r}")
    if channel_logits is None and spatial_logits is None:
        raise ValueError("channel_logits and spatial_logits are both None: pass at least one")
