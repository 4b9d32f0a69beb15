from keras_bam.training.devices import listing


def test_there_is_a_device():
    found = listing.listed()
    assert found
    for device in found:
        assert set(device) == {"name", "kind", "memory"}
        assert device["name"] and device["kind"]
        assert device["memory"] is None or device["memory"] > 2**20


def test_the_processor():
    found = listing.processor("cpu")
    assert found["name"] == "cpu" and found["kind"].startswith("processor, ")
