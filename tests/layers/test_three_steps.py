"""Training on the three backends goes the same way."""

import json

import numpy as np
import three_steps


def test_three_steps_are_those_of_every_backend():
    """Each backend within 5e-5 of their mean, so any two within 1e-4."""
    expected = json.loads(three_steps.FACTS.read_text())["values"]
    found = three_steps.trajectory()
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=0, atol=5e-5, err_msg=name)


def test_recorded_backends_are_close():
    facts = json.loads(three_steps.FACTS.read_text())
    assert facts["mean_of"] == list(three_steps.BACKENDS)
    assert facts["largest_difference_of_two"] < 1e-4
