import device_processes as run
import keras
import numpy as np
import pytest

pytestmark = pytest.mark.skipif(keras.backend.backend() != "torch", reason="for PyTorch")


@pytest.fixture(scope="module")
def of_two_processes(tmp_path_factory):
    """Files of the two processes."""
    out = tmp_path_factory.mktemp("torch") / "out"
    run.finish(run.start(*run.TORCHRUN, run.SCRIPT, out))
    return [out.with_name(f"out.{process}.npz") for process in (0, 1)]


def test_two_processes_are_one_device(of_two_processes, on_one_device):
    run.check_equal(of_two_processes[0], on_one_device)


def test_both_processes_end_with_the_same_bits(of_two_processes):
    with np.load(of_two_processes[0]) as first, np.load(of_two_processes[1]) as second:
        assert len(first.files) > 30
        assert [
            name for name in first.files if first[name].tobytes() != second[name].tobytes()
        ] == []


def test_a_lost_process_ends_the_run(tmp_path):
    process = run.start(*run.TORCHRUN, run.SCRIPT, tmp_path / "out", "--kill", 1)
    output = run.finish(process, expected=1)
    assert "Signal 9 (SIGKILL)" in output
    assert list(tmp_path.iterdir()) == []


def test_more_processes_than_gpus(monkeypatch):
    from keras_bam.training.devices import torch_processes

    monkeypatch.setattr(torch_processes.torch.cuda, "device_count", lambda: 2)
    with pytest.raises(ValueError, match=r"has 2 GPU\(s\), .* for GPU 2 .*--nproc-per-node 2"):
        torch_processes._take_gpu(2)
