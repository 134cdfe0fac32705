"""What a user installs: everything that permabots needs at run time, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import permabots

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "permabots"
SOURCES = ("LICENSE", "HISTORY.rst", "MANIFEST.in", "README.rst", "pyproject.toml", "setup.py")

# The build's own hooks, without isolation: a build environment of its own would be fetched from outside.
BUILD = "from setuptools import build_meta; build_meta.build_{kind}({target!r})"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a release is built from, tests included."""
    copy = tmp_path_factory.mktemp("release")
    for name in SOURCES:
        shutil.copy(ROOT / name, copy)
    for folder in ("permabots", "requirements", "tests"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def build(kind: str, tree: Path, folder: str = "built") -> Path:
    target = tree / f"{folder}-{kind}"
    subprocess.run(
        [sys.executable, "-c", BUILD.format(kind=kind, target=str(target))],
        cwd=tree,
        env={},
        check=True,
        capture_output=True,
        text=True,
    )
    return next(target.iterdir())


@pytest.fixture(scope="module")
def wheel(tree: Path) -> Path:
    return build("wheel", tree)


@pytest.fixture(scope="module")
def sdist(tree: Path) -> Path:
    return build("sdist", tree)


def names_of(archive: Path) -> set[str]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as content:
            return set(content.namelist())
    with tarfile.open(archive) as content:
        return {str(PurePosixPath(*PurePosixPath(name).parts[1:])) for name in content.getnames()}


def metadata_of(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as content:
        name = next(name for name in content.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(content.read(name))


@pytest.fixture(params=["wheel", "sdist"])
def names(request: pytest.FixtureRequest) -> set[str]:
    return names_of(request.getfixturevalue(request.param))


def test_every_module_is_shipped(names: set[str]):
    modules = {str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*.py")}
    assert {name for name in names if name.startswith("permabots/") and name.endswith(".py")} == modules


def test_migrations_are_shipped(names: set[str]):
    assert "permabots/migrations/0001_initial.py" in names


def test_annotations_are_shipped(names: set[str]):
    assert "permabots/py.typed" in names


def test_templates_static_files_and_translations_are_shipped(names: set[str]):
    folders = [PACKAGE / name for name in ("templates", "static", "locale")]
    files = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    assert {str(path.relative_to(ROOT)) for path in files} <= names


def test_tests_are_not_shipped(names: set[str]):
    assert not [name for name in names if name.startswith("tests")]


def test_a_wheel_holds_nothing_beside_the_package(wheel: Path):
    assert {name.split("/")[0] for name in names_of(wheel)} == {
        "permabots",
        f"permabots-{permabots.__version__}.dist-info",
    }


@pytest.mark.parametrize(
    "left", ["migrations/0002_of_yesterday.py", "templates/admin/permabots/old.html", "engine/gone/__init__.py"]
)
def test_what_an_earlier_build_left_behind_is_not_in_a_wheel(tree: Path, wheel: Path, left: str) -> None:
    """``pip install .`` builds in the clone itself, and finds there what it built before the last ``git pull``."""
    stale = tree / "build" / "lib" / "permabots" / left
    stale.parent.mkdir(parents=True, exist_ok=True)
    stale.write_text("")
    assert names_of(build("wheel", tree, f"again-{Path(left).stem}")) == names_of(wheel)


def test_a_wheel_can_be_built_from_the_sdist(sdist: Path, wheel: Path, tmp_path: Path):
    with tarfile.open(sdist) as content:
        # The filter has a name since Python 3.11.4, and must be named from 3.12 on.
        content.extraction_filter = getattr(tarfile, "data_filter", None)
        content.extractall(tmp_path)  # noqa: S202 - our own archive
    again = build("wheel", next(tmp_path.iterdir()))
    assert names_of(again) == names_of(wheel)


def test_the_version_is_the_packages(wheel: Path):
    assert metadata_of(wheel)["Version"] == permabots.__version__


def test_the_requirements_are_those_of_the_file(wheel: Path):
    lines = (ROOT / "requirements" / "base.txt").read_text().splitlines()
    wanted = {Requirement(line) for line in lines if line and not line.startswith("#")}
    stated = {Requirement(line) for line in metadata_of(wheel).get_all("Requires-Dist", []) if "extra ==" not in line}
    assert stated == wanted


def test_the_extras_are_declared(wheel: Path):
    assert set(metadata_of(wheel).get_all("Provides-Extra", [])) >= {"demo", "openapi", "testing"}


def test_the_lowest_versions_that_are_tested_are_those_that_are_declared():
    def requirements(name: str) -> list[Requirement]:
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]

    declared = {
        it.name: Version(next(part.version for part in it.specifier if part.operator == ">="))
        for it in requirements("base.txt")
        if it.specifier
    }
    assert {it.name: Version(next(iter(it.specifier)).version) for it in requirements("lowest.txt")} == declared
