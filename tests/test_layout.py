"""The package in a checkout, installed in place, and from the wheel."""

import ast
import os
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

import pytest

import keras_bam

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
FRAMEWORKS = {"tensorflow", "torch", "jax"}
# Where design allows a framework by name.
MAY_IMPORT_FRAMEWORKS = (
    "keras_bam/ops/",
    "keras_bam/export/",
    "keras_bam/checkpoints/",
    "keras_bam/training/devices",
    "keras_bam/explain/gradients.py",
)


def run(code, cwd):
    environment = {**os.environ, "PYTHONPATH": str(cwd)}
    completed = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert completed.returncode == 0, completed.stderr
    return completed.stdout.split()


def imported(path, nested=True):
    """What is imported by name, in functions too if `nested`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if nested else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


def test_no_backend_is_imported_by_name():
    files = [*ROOT.glob("keras_bam/**/*.py"), *ROOT.glob("applications/**/*.py")]
    assert len(files) > 20
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(MAY_IMPORT_FRAMEWORKS):
            assert FRAMEWORKS.isdisjoint(imported(path)), name


@pytest.mark.skipif(
    not Path(keras_bam.__file__).is_relative_to(ROOT), reason="this is not the checkout's package"
)
@pytest.mark.parametrize(
    "imports",
    [
        "import applications; import keras_bam.applications as ours",
        "import keras_bam.applications as ours; import applications",
        "import keras_bam.applications.resnet; ours = keras_bam.applications",
    ],
)
def test_the_folder_is_the_module_in_any_order(imports):
    (file,) = run(f"{imports}; ours.names(); print(ours.resnet.__file__)", ROOT)
    assert file == str(ROOT / "applications" / "resnet.py")


def test_the_zoo_is_not_imported():
    loaded = run("import sys, keras_bam; print(*sys.modules)", ROOT)
    assert "keras" in loaded
    assert not {"keras_cv", "keras_hub"} & set(loaded)


def test_what_it_adds_to_keras_is_its_own():
    """Next to nothing, then: no package, of the standard library's modules only small ones, and of
    ours none that trains, reads data or converts files."""
    code = (
        "import sys, keras; before = set(sys.modules); import keras_bam;"
        "print(*set(sys.modules) - before)"
    )
    added = set(run(code, ROOT))
    ours = {name for name in added if name.partition(".")[0] == "keras_bam"}
    assert "keras_bam.layers.bam" in ours
    others = {name.partition(".")[0] for name in added - ours}
    assert others <= sys.stdlib_module_names, others
    assert len(added - ours) < 20, added - ours
    parts = {name.split(".")[1] for name in ours if "." in name}
    packages = {path.parent.name for path in ROOT.glob("keras_bam/*/__init__.py")}
    assert parts & packages == {"detection", "layers", "ops"}


def test_what_extras_bring_is_imported_where_it_is_used():
    """By name and before use; that Keras itself may load some of it is Keras's affair."""
    brought = {"matplotlib", "PIL", "scipy", "simplejpeg", "sklearn", "tomli_w"}
    for path in [*ROOT.glob("keras_bam/**/*.py"), *ROOT.glob("applications/**/*.py")]:
        assert brought.isdisjoint(imported(path, nested=False)), path


def test_a_foreign_folder_does_not_shadow_ours(tmp_path):
    (tmp_path / "applications").mkdir()
    (tmp_path / "applications" / "__init__.py").write_text("names = 'foreign'")
    code = (
        "import applications, keras_bam.applications as ours;"
        "print(applications.names, 'CifarResNet50' in ours.names())"
    )
    assert run(code, tmp_path) == ["foreign", "True"]


@pytest.mark.slow
def test_wheel_of_the_sdist_in_a_clean_environment(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path), "-t"]
    subprocess.run([*build, "sdist"], cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    source = next(tmp_path.glob("keras_bam-*/"))
    subprocess.run([*build, "wheel"], cwd=source, check=True, capture_output=True)

    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    site = next(environment.glob("lib/python*/site-packages"))
    # The dependencies of this environment, but not its editable keras_bam: a .pth file in a folder
    # that came in through a .pth file is not read.
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", site]
    wheel = next(tmp_path.glob("*.whl"))
    subprocess.run([*install, wheel], check=True, capture_output=True)

    python = environment / "bin" / "python"
    where = "import keras_bam.applications.resnet as r; print(r.__file__)"
    found = subprocess.run(
        [python, "-c", where], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == str(site / "keras_bam" / "applications" / "resnet.py")
    tests = (
        "applications/test_network.py",
        "applications/test_packaged.py",
        "layers/test_bam.py",
        "insertion/test_insertion_graph.py",
    )
    command = [python, "-m", "pytest", *(source / "tests" / name for name in tests)]
    tested = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert tested.returncode == 0, tested.stdout
