import numpy as np
import photographs
import pytest
from PIL import Image, ImageOps

from keras_bam.data import decoding
from keras_bam.data.decoding import EncodedImage


@pytest.fixture(params=["simplejpeg", "Pillow"])
def decoder(request, monkeypatch):
    if request.param == "Pillow":
        monkeypatch.setattr(decoding, "_simplejpeg", lambda: None)
    else:
        pytest.importorskip("simplejpeg")
    return request.param


@pytest.fixture
def write(tmp_path):
    def write(content, name="picture.jpg"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg(decoder, write, mode, progressive):
    content = photographs.encoded(photographs.image(mode=mode), progressive=progressive)
    image = EncodedImage(write(content))
    assert (image.height, image.width) == (60, 80)
    with Image.open(image.path) as expected:
        np.testing.assert_array_equal(image.decode(), np.asarray(expected.convert("RGB")))
    original = np.asarray(photographs.image(mode=mode).convert("RGB")).astype(int)
    assert np.abs(image.decode() - original).mean() < 3


@pytest.mark.parametrize("shrink", [2, 4, 8])
@pytest.mark.parametrize("height, width", [(60, 80), (61, 83), (8, 200)])
def test_shrunk_jpeg_is_nearly_the_mean(decoder, write, shrink, height, width):
    image = EncodedImage(write(photographs.encoded(photographs.image(height, width), quality=95)))
    small = image.decode(shrink)
    assert small.shape == (-(-height // shrink), -(-width // shrink), 3)
    blocks = image.decode()[: height // shrink * shrink, : width // shrink * shrink]
    blocks = blocks.reshape(height // shrink, shrink, width // shrink, shrink, 3).mean((1, 3))
    assert np.abs(blocks - small[: height // shrink, : width // shrink]).mean() < 2


def test_both_decoders_give_the_same_pixels(write, monkeypatch):
    pytest.importorskip("simplejpeg")
    path = write(photographs.encoded(photographs.image(122, 161), quality=70))
    pixels = [EncodedImage(path).decode(shrink) for shrink in decoding.SHRINKS]
    monkeypatch.setattr(decoding, "_simplejpeg", lambda: None)
    for shrink, expected in zip(decoding.SHRINKS, pixels, strict=True):
        np.testing.assert_array_equal(EncodedImage(path).decode(shrink), expected)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "WEBP", "TIFF"])
@pytest.mark.parametrize("name", ["picture.png", "wrong_suffix.JPEG"])
def test_other_formats_whatever_the_suffix(write, kind, name):
    options = {"lossless": True} if kind == "WEBP" else {}
    image = EncodedImage(write(photographs.encoded(photographs.image(), kind, **options), name))
    np.testing.assert_array_equal(image.decode(), np.asarray(photographs.image()))
    assert image.decode(2).shape == (60, 80, 3)


@pytest.mark.parametrize("orientation", [*range(1, 9), 0, 9])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_exif_orientation_is_applied(decoder, write, orientation, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = EncodedImage(write(photographs.encoded(photographs.image(), kind, exif=exif)))
    with Image.open(image.path) as source:
        expected = np.asarray(ImageOps.exif_transpose(source))
    assert (image.height, image.width) == expected.shape[:2]
    np.testing.assert_array_equal(image.decode(), expected)
    halves = -(-np.array(expected.shape[:2]) // 2)
    assert image.decode(2).shape[:2] == tuple(halves if kind == "JPEG" else expected.shape[:2])


JPEG = photographs.encoded(photographs.image())
PNG = photographs.encoded(photographs.image(), "PNG")


@pytest.mark.parametrize(
    "content",
    [b"", b"no image at all", JPEG[:100], JPEG[: len(JPEG) // 2], JPEG[:-2], PNG[: len(PNG) // 2]],
)
def test_a_damaged_file_is_named(decoder, write, content):
    path = write(content, "broken.jpg")
    with pytest.raises(ValueError, match=r"broken\.jpg is damaged or no image that can be read"):
        EncodedImage(path).decode()


def test_damage_in_the_middle_of_a_jpeg_is_noticed(write):
    pytest.importorskip("simplejpeg")
    middle = len(JPEG) * 3 // 4
    path = write(JPEG[:middle] + bytes(100) + JPEG[middle + 100 :])
    with pytest.raises(ValueError, match=r"picture\.jpg is damaged .*Corrupt JPEG data"):
        EncodedImage(path).decode()


def test_other_kinds_of_files_are_refused(write):
    path = write(photographs.encoded(photographs.image(), "GIF"), "animation.png")
    with pytest.raises(ValueError, match=r"animation\.png is damaged or no image that can be read"):
        EncodedImage(path)
    path = write(photographs.encoded(Image.new("F", (3, 3)), "TIFF"), "heights.tif")
    with pytest.raises(ValueError, match=r"heights\.tif .* of Pillow's mode 'F'"):
        EncodedImage(path).decode()


def test_too_many_pixels_are_refused(decoder, write, monkeypatch):
    monkeypatch.setattr(decoding, "_LARGEST", 4799)
    with pytest.raises(ValueError, match=r"picture\.jpg .*60 x 80 pixels are too many"):
        EncodedImage(write(JPEG))


def test_a_missing_file_is_no_damage(tmp_path):
    with pytest.raises(FileNotFoundError, match="gone"):
        EncodedImage(tmp_path / "gone.jpg")
