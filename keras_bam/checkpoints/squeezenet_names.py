"""Names in torchvision's SqueezeNet 1.1."""

# `features` numbers the poolings too, which stand before the fire modules 2, 4 and 6.
_PLACES = {2: 3, 3: 4, 4: 6, 5: 7, 6: 9, 7: 10, 8: 11, 9: 12}

RULES = (
    ("stem_conv", "features.0"),
    (r"fire(\d)_(\w+)", lambda number, part: f"features.{_PLACES[int(number)]}.{part}"),
    ("classifier_conv", "classifier.1"),
)
