import matplotlib
import pytest
from PIL import Image

from keras_bam.training.curves import plot_curves

HEADER = "epoch,accuracy,loss,val_accuracy,val_loss\n"


@pytest.mark.parametrize(
    "rows", ["1,0.5,1.0,0.25,2.0\n", "1,0.5,1.0,0.25,2.0\n2,0.6,nan,0.5,inf\n"], ids=["one", "nan"]
)
def test_a_png_and_nothing_else_of_matplotlib(rows, tmp_path):
    backend = matplotlib.get_backend()
    (tmp_path / "log.csv").write_text(HEADER + rows)
    plot_curves(tmp_path / "log.csv", tmp_path / "curves.png", "validation")
    with Image.open(tmp_path / "curves.png") as image:
        image.load()
        assert image.format == "PNG" and image.width > image.height > 300
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curves.png", "log.csv"]
    assert matplotlib.get_backend() == backend
