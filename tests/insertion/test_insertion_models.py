"""Classes and attributes of models that went through `insert`."""

import graphs
import keras
import numpy as np
import pytest

import keras_bam
from keras_bam.layers import BAM

MODULE = BAM(reduction_ratio=4)


@keras.saving.register_keras_serializable("test")
class WithOwnStep(keras.Model):
    """A functional model whose class adds a method: the graph is all there is to it."""

    def doubled(self, x):
        return 2 * self(x)


@keras.saving.register_keras_serializable("test")
class Backbone(keras.Model):
    """As in KerasHub and KerasCV: the constructor makes the graph, and remembers parts of it."""

    def __init__(self, filters=8, **kwargs):
        image = keras.Input((8, 8, 3), name="image")
        low = graphs.convolution("low", filters)(image)
        high = graphs.convolution("high", filters, strides=2)(low)
        super().__init__(image, high, **kwargs)
        self.filters = filters
        self.pyramid_outputs = {"P1": low, "P2": high}
        self._pyramid_level_inputs = {"P1": "low", "P2": "high"}
        self.stem = self.get_layer("low")

    @property
    def pyramid_level_inputs(self):
        return self._pyramid_level_inputs

    def get_config(self):
        return {"filters": self.filters, "name": self.name}


def with_own_step():
    image = keras.Input((8, 8, 3))
    return WithOwnStep(image, graphs.convolution("conv")(image), name="own")


def test_a_class_with_keras_own_constructor_is_kept(tmp_path):
    model = with_own_step()
    model.features = model.get_layer("conv").output
    new = keras_bam.insert(model, MODULE, after="conv")
    assert type(new) is WithOwnStep
    assert new.features is new.get_layer("conv_bam").output
    new.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert type(again) is WithOwnStep
    x = graphs.batch(new)
    np.testing.assert_allclose(
        *(keras.ops.convert_to_numpy(model.doubled(x)) for model in (again, new)), rtol=1e-6
    )


def test_a_class_that_makes_its_own_graph_is_lost_with_a_warning(tmp_path):
    with pytest.warns(UserWarning, match="'backbone' is a keras.Model and no Backbone: .*methods"):
        new = keras_bam.insert(Backbone(name="backbone"), MODULE, after="low")
    new.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    x = graphs.batch(new)
    np.testing.assert_allclose(again.predict(x, verbose=0), new.predict(x, verbose=0), rtol=1e-6)


@pytest.mark.filterwarnings("ignore:the copy of 'backbone' is a keras.Model")
def test_attributes_point_to_the_refined_maps():
    new = keras_bam.insert(Backbone(name="backbone"), MODULE, after="low")
    assert new.pyramid_outputs == {
        "P1": new.get_layer("low_bam").output,
        "P2": new.get_layer("high").output,
    }
    assert new.pyramid_level_inputs == {"P1": "low_bam", "P2": "high"}
    assert new.stem is new.get_layer("low")
    assert new.filters == 8


def test_a_backbone_inside_keeps_its_class_where_nothing_goes_in():
    image = keras.Input((8, 8, 3))
    model = keras.Model(image, graphs.convolution("head")(Backbone(name="inside")(image)))
    new = keras_bam.insert(model, MODULE, after="head")
    assert type(new.get_layer("inside")) is Backbone
    assert new.get_layer("inside").pyramid_outputs["P1"] is not None
    x = graphs.batch(model)
    inside = [m.get_layer("inside").predict(x, verbose=0) for m in (model, new)]
    np.testing.assert_array_equal(*inside)


def test_attributes_that_point_elsewhere_are_named():
    model = graphs.two_stages()
    model.other = keras.layers.ReLU(name="elsewhere")
    model.remark = "kept"
    with pytest.warns(UserWarning, match=r"'two_stages' lacks its attributes \['other'\]"):
        new = keras_bam.insert(model, MODULE)
    assert new.remark == "kept"


def test_a_name_that_stands_for_two_modules_is_named():
    model = graphs.called_twice()
    model.levels = {"P1": "shared"}
    with pytest.warns(UserWarning, match=r"lacks its attributes \['levels'\]"):
        keras_bam.insert(model, MODULE, after="shared")


def test_what_training_left_is_not_carried():
    model = graphs.two_stages()
    model.compile("adam", "mse")
    model.fit(graphs.batch(model), np.zeros((2, 3)), verbose=0)
    new = keras_bam.insert(model, MODULE)
    assert not new.compiled
    assert getattr(new, "optimizer", None) is None
    assert not hasattr(new, "history")


def test_one_module_at_several_places_of_a_sequential():
    layers = [keras.Input((6, 6, 4)), keras.layers.ReLU(name="a"), keras.layers.ReLU(name="b")]
    model = keras.Sequential(layers, name="chain")
    with pytest.warns(UserWarning, match="the copy of 'chain' is a keras.Model and no Sequential"):
        new = keras_bam.insert(model, MODULE, after=["a", "b"], share_weights=True)
    images = np.random.default_rng(0).random((1, 6, 6, 4)).astype("float32")
    module = new.get_layer("bam")
    expected = module(module(images))
    np.testing.assert_allclose(*map(keras.ops.convert_to_numpy, (new(images), expected)), rtol=1e-6)
