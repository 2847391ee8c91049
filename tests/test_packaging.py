"""The wheel holds the three apps with all their files, and nothing of the shop or the tests."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APPS = {"recommendations", "bundles", "promotions"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # Without isolation: the backend is in the development requirements, no index is asked.
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_is_named_and_versioned(wheel):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert wheel.name == f"django_crosssell-{version}-py3-none-any.whl"


def test_the_wheel_holds_the_three_apps_only(names):
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == APPS


def test_every_file_of_the_apps_is_in_the_wheel(names):
    expected = {
        path.relative_to(ROOT).as_posix()
        for app in APPS
        for path in (ROOT / app).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected - names == set()
    kinds = {Path(name).suffix for name in names}
    assert {".py", ".html", ".css", ".typed", ".po", ".mo"} <= kinds


def test_the_licence_is_in_the_wheel(names):
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_extras_and_requirements_are_declared(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (path,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = archive.read(path).decode()
    for extra in ("postgres", "redis", "oscar", "salesman", "demo", "benchmark", "dev"):
        assert f"Provides-Extra: {extra}\n" in metadata
    runtime = [
        line.lower()
        for line in metadata.splitlines()
        if line.startswith("Requires-Dist: ") and "extra ==" not in line
    ]
    assert "requires-dist: django>=5.2" in runtime
    assert not any("implicit" in line or "oscar" in line for line in runtime)


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements-benchmark.txt"]
)
def test_requirements_are_pinned_and_name_no_machine(name):
    lines = (ROOT / name).read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert pins
    assert all("==" in pin for pin in pins)
    assert not [line for line in lines if "://" in line or "--index" in line or " /" in line]
    n_hashed = sum(line.strip().startswith("--hash=sha256:") for line in lines)
    assert n_hashed >= len(pins)
