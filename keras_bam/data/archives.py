"""Files of a data set, read into memory from its archive or from the folder it was extracted to.

Nothing is ever written, so nothing half-extracted can stay behind.
"""

import gzip
import tarfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

_CHUNK = 1 << 20  # bytes


def read_members(path: Path, folder: str, names: Iterable[str]) -> dict[str, bytes]:
    """The content of each named file.

    Args:
        path: a `.tar.gz` archive or an extracted folder.
        folder: the folder inside the archive that holds the files.
        names: the files wanted, relative to that folder.

    Raises:
        ValueError: the archive is truncated or corrupt, a file is missing from it, or one of its
            members, wanted or not, is a link, a device or points outside the archive.
    """
    wanted = tuple(names)
    found = _read_folder(path, wanted) if path.is_dir() else _read_tar(path, folder, wanted)
    missing = [name for name in wanted if name not in found]
    if missing:
        raise ValueError(f"{path} lacks {', '.join(missing)}: download it again")
    return found


def _read_folder(path: Path, wanted: tuple[str, ...]) -> dict[str, bytes]:
    return {name: (path / name).read_bytes() for name in wanted if (path / name).is_file()}


def _read_tar(path: Path, folder: str, wanted: tuple[str, ...]) -> dict[str, bytes]:
    found = {}
    try:
        with gzip.open(path) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                location = _checked_location(member, path)
                content = tar.extractfile(member)
                if content and location.parent == PurePosixPath(folder) and location.name in wanted:
                    found[location.name] = content.read()
            while stream.read(_CHUNK):  # gzip compares its checksum at the very end only
                pass
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ValueError(
            f"{path} is truncated, corrupt or no .tar.gz archive ({error}): download it again"
        ) from error
    return found


def _checked_location(member: tarfile.TarInfo, path: Path) -> PurePosixPath:
    location = PurePosixPath(member.name)
    if location.is_absolute() or ".." in location.parts:
        reason = "points outside the archive"
    elif not (member.isfile() or member.isdir()):
        reason = "is a link or a device"
    else:
        return location
    raise ValueError(
        f"{path}: refused, its member {member.name!r} {reason}: download the official archive"
    )
