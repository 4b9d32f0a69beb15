import gzip
import tarfile

import pytest

from keras_bam.data.archives import read_members

FILES = {"set/a": b"A" * 3000, "set/b": b"B", "set/more/a": b"other", "a": b"outside"}


def test_archive_and_folder_read_alike(tar_gz, tmp_path):
    path = tar_gz("set.tar.gz", FILES)
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "a").write_bytes(b"A" * 3000)
    expected = {"a": b"A" * 3000}
    assert read_members(path, "set", ["a"]) == read_members(folder, "set", ["a"]) == expected


def test_nothing_is_written(tar_gz, tmp_path):
    path = tar_gz("set.tar.gz", FILES)
    read_members(path, "set", ["a", "b"])
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_member_is_named(tar_gz, tmp_path):
    with pytest.raises(ValueError, match=r"set\.tar\.gz lacks c, d: download it again"):
        read_members(tar_gz("set.tar.gz", FILES), "set", ["a", "c", "d"])
    with pytest.raises(ValueError, match="lacks a: download it again"):
        read_members(tmp_path, "set", ["a"])


@pytest.mark.parametrize("member", ["../evil", "set/../../evil", "/evil"])
def test_a_member_outside_is_refused(tar_gz, tmp_path, member):
    path = tar_gz("set.tar.gz", FILES | {member: b"payload"})
    with pytest.raises(ValueError, match=f"refused, its member '{member}' points outside"):
        read_members(path, "set", ["a"])
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_refused(tar_gz, kind):
    member = tarfile.TarInfo("set/a")
    member.type, member.linkname = kind, "/etc/passwd"
    path = tar_gz("set.tar.gz", {"set/a": member})
    with pytest.raises(ValueError, match="refused, its member 'set/a' is a link or a device"):
        read_members(path, "set", ["a"])


def test_a_folder_is_not_read_as_a_file(tar_gz):
    member = tarfile.TarInfo("set/a")
    member.type = tarfile.DIRTYPE
    with pytest.raises(ValueError, match="lacks a"):
        read_members(tar_gz("set.tar.gz", {"set/a": member}), "set", ["a"])


@pytest.mark.parametrize("kept", [0, 5, 0.5, -1])
def test_a_truncated_archive_is_refused(tar_gz, kept):
    path = tar_gz("set.tar.gz", FILES)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept) if 0 < kept < 1 else kept])
    with pytest.raises(
        ValueError, match=r"set\.tar\.gz is truncated, corrupt .* download it again"
    ):
        read_members(path, "set", ["a"])


def test_a_changed_byte_is_noticed(tar_gz):
    path = tar_gz("set.tar.gz", FILES)
    content = bytearray(gzip.decompress(path.read_bytes()))
    compressed = bytearray(gzip.compress(bytes(content)))
    compressed[-8] ^= 1  # in the checksum of the content
    path.write_bytes(bytes(compressed))
    with pytest.raises(ValueError, match="CRC check failed"):
        read_members(path, "set", ["a"])


@pytest.mark.parametrize("content", [b"no archive", gzip.compress(b"no tar" * 200, mtime=0)])
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "set.tar.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"or no \.tar\.gz archive"):
        read_members(path, "set", ["a"])
