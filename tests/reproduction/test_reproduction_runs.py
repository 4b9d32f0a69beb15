import json

import pytest
from PIL import Image

from keras_bam import training
from keras_bam.training import RunFolder

PLAIN, BAM = "CifarResNetSmall-plain-0", "CifarResNetSmall-bam_combine_add-0"


@pytest.mark.once  # `fit` and its going on are tested on each backend
def test_trained_for_real(small, tmp_path, monkeypatch):
    """The first run is stopped in its second epoch; the same call then goes on with it."""
    save = training.callbacks.SaveModels.on_epoch_end

    def stop(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt
        save(self, epoch, logs)

    plain, bam = (RunFolder(tmp_path / "runs" / name) for name in (PLAIN, BAM))
    with monkeypatch.context() as patch:
        patch.setattr(training.callbacks.SaveModels, "on_epoch_end", stop)
        with pytest.raises(KeyboardInterrupt):
            small(seeds=1)
    assert json.loads(plain["summary.json"].read_text())["status"] == "interrupted"
    first_epoch = plain["log.csv"].read_text().splitlines()[:2]
    measured = small(seeds=1).rows
    logs = [run["log.csv"].read_text().splitlines() for run in (plain, bam)]
    assert [len(log) for log in logs] == [3, 3] and logs[0][:2] == first_epoch
    assert 690_000 < measured[0].counts[0] < measured[1].counts[0]
    assert all(0 <= row.errors[0] <= 100 and row.seconds > 0 for row in measured)
    with Image.open(tmp_path / "runs" / "table-1b.png") as picture:
        picture.load()
