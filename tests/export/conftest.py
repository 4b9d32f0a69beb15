import numpy as np
import pytest
from two_forms import bam_network, graph_of


@pytest.fixture(scope="session")
def network():
    """Not to be changed."""
    return bam_network()


@pytest.fixture(scope="session")
def open_network():
    """The same for images of any size."""
    return bam_network((None, None, 3))


@pytest.fixture(scope="session")
def images():
    return np.random.default_rng(1).normal(size=(5, 12, 16, 3)).astype("float32")


@pytest.fixture(scope="session")
def graph(network, tmp_path_factory):
    """The folder of the network's graph, for any number of images."""
    return graph_of(network, (None, 12, 16, 3), tmp_path_factory.mktemp("graph") / "graph")


@pytest.fixture(scope="session")
def open_graph(open_network, tmp_path_factory):
    """The same for images of any size."""
    folder = tmp_path_factory.mktemp("open") / "graph"
    return graph_of(open_network, (None, None, None, 3), folder)
