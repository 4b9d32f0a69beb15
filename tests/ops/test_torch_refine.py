"""F' on PyTorch: its blocks, and what is compiled instead of them."""

import keras
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(keras.backend.backend() != "torch", reason="PyTorch's own way")


@pytest.mark.parametrize("shape", [(5, 7, 4), (1, 7, 4), (5, 1, 4), (1, 1, 1), (2, 64, 3)])
@pytest.mark.parametrize("elements", [1, 12, 1000])
@pytest.mark.parametrize("rows", [1, 3])
def test_blocks_cover_the_map_once(monkeypatch, shape, elements, rows):
    from keras_bam.ops import torch_refine

    monkeypatch.setattr(torch_refine, "_ROWS", rows)
    batch, height, width = shape
    x = torch.arange(float(batch * height * width)).reshape(shape)
    row, column, scale = x[:, :1], x[:, :, :1], x[:1, :1]
    seen = torch.zeros(shape)
    blocks = torch_refine._blocks(
        {"cpu": elements, "cuda": 1}, 2, x, seen, row, column, scale, None
    )
    for buffers, of_x, of_seen, of_row, of_column, of_scale, nothing in blocks:
        of_seen += 1
        assert nothing is None
        assert [buffer.shape for buffer in buffers] == [of_x.shape] * 2
        places = of_x.long() // width
        torch.testing.assert_close(of_column.expand_as(of_x), (places * width).float())
        torch.testing.assert_close(
            of_row.expand_as(of_x), (places // height * height * width).float() + of_x % width
        )
        torch.testing.assert_close(of_scale.expand_as(of_x), of_x % width)
    torch.testing.assert_close(seen, torch.ones(shape))


@pytest.mark.parametrize("scale", [False, True])
@pytest.mark.parametrize("how", ["add", "multiply"])
@pytest.mark.parametrize("first", [False, True])
def test_gradient_of_what_is_compiled(how, scale, first):
    from keras_bam.ops.torch_refine import _Compiled, _formula

    torch.manual_seed(0)
    shapes = [(2, 3, 5, 4), (2, 1, 1, 4), (2, 3, 5, 1), (1, 1, 1, 4)]
    tensors = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    if first:
        tensors = [x.detach().movedim(-1, 1).clone().requires_grad_() for x in tensors]
    tensors = tensors if scale else [*tensors[:3], None]
    torch.testing.assert_close(_Compiled.apply(how, *tensors), _formula(how, *tensors))
    assert torch.autograd.gradcheck(lambda *x: _Compiled.apply(how, *x), tensors)
