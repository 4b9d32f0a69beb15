"""Where a file is to go: what can be told before the work begins."""

from pathlib import Path


def check_target(path, format):
    """`path` as a Path.

    Raises:
        ValueError: if something else is there.
        FileNotFoundError: if the folder that it is to go into does not exist.
    """
    path = Path(path)
    if not path.name:
        raise ValueError(f"path={str(path)!r} is no name of a new file or folder")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"path={str(path)!r}: there is no folder {str(path.parent)!r}")
    if format == "saved_model":
        other = path.exists() and not (path / "saved_model.pb").is_file()
        if other and not (path.is_dir() and not any(path.iterdir())):
            raise ValueError(
                f"path={str(path)!r} is there already and is no SavedModel; choose another path"
            )
    elif path.is_dir():
        raise ValueError(f"path={str(path)!r} is a folder, and {format} needs the path of a file")
    return path
