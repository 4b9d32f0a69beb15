import pytest

from keras_bam.data import DetectionDataset, DetectionImages, load


def test_facts_and_what_is_refused():
    data = load("shapes", train=2, test=2)
    assert data.data_format_of((3, None, None)) == "channels_first"
    assert data.class_names == data.train.class_names
    with pytest.raises(ValueError, match="image_size must be a positive integer, got 0"):
        DetectionDataset("any", data.train, data.test, 0)
    other = DetectionImages(data.test.images, data.test.objects, ("disc", "square", "triangle"))
    with pytest.raises(ValueError, match=r"the classes of train and test differ: \('circle',"):
        DetectionDataset("any", data.train, other)
