import pytest

from keras_bam.training.resuming.log_files import cut_back, lengths


def test_logs_are_cut_back_to_where_they_were(tmp_path):
    grown, later = tmp_path / "grown.csv", tmp_path / "later.csv"
    grown.write_text("a\n")
    before = lengths([grown, later])
    assert before == [2, None]
    grown.write_text("a\nb\n")
    later.write_text("new\n")
    cut_back([grown, later], before)
    assert grown.read_text() == "a\n" and not later.exists()
    cut_back([grown, later], before)


@pytest.mark.parametrize("exists", [True, False])
def test_a_log_that_lost_lines_is_an_error(tmp_path, exists):
    log = tmp_path / "log.csv"
    if exists:
        log.write_text("a\n")
    message = rf"log\.csv has {2 if exists else 0} bytes, and had 5 at the checkpoint"
    with pytest.raises(ValueError, match=message):
        cut_back([log], [5])


def test_an_empty_log_must_still_be_there(tmp_path):
    with pytest.raises(ValueError, match="has 0 bytes, and had 0 at the checkpoint"):
        cut_back([tmp_path / "log.csv"], [0])
