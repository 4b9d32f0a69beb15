"""Networks that start alike, so that what attention changes can be told from chance."""

import keras

from keras_bam import spelled_network


def build(row, dataset, seed):
    """The network of a row, which starts as the plain network of that seed where it has its layers.

    What the row adds (attention, or a further block) draws from the same seed, so that rows which
    add the same layers have those alike too. The order of the images and their augmentation hang
    on the recipe's seed alone (`keras_bam.data`).

    Args:
        row: a `Row`.
        dataset: whose images and classes it is for.
        seed: of the initial weights.
    """
    keras.utils.set_random_seed(seed)
    model = plain = spelled_network.classifier(dataset, row.network)
    if row.attention is not None:
        keras.utils.set_random_seed(seed)
        model = spelled_network.classifier(dataset, row.network, row.attention, row.after)
        for layer in filter(lambda layer: layer.weights, plain.layers):
            model.get_layer(layer.name).set_weights(layer.get_weights())
    keras.utils.set_random_seed(seed)
    return model
