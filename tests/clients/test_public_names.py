"""What a program sees of the package: its version, what is where, and public names alone."""

import importlib
import subprocess
import sys
from importlib.metadata import version
from types import ModuleType

import pytest

import sleeptalk

PUBLIC = ("sleeptalk", *(f"sleeptalk.{name}" for name in sleeptalk.__all__ if not name.startswith("_")))


@pytest.mark.parametrize("name", PUBLIC)
def test_dir_shows_the_public_names_alone(name: str) -> None:
    module = importlib.import_module(name)
    assert dir(module) == sorted(module.__all__)
    assert [each for each in dir(module) if each.startswith("_") and each != "__version__"] == []
    assert all(hasattr(module, each) for each in module.__all__)
    values = [getattr(module, each) for each in module.__all__]
    assert [value for value in values if isinstance(value, ModuleType) and module is not sleeptalk] == []


def test_importing_the_package_is_enough_to_look_around() -> None:
    program = "import sleeptalk; print(sleeptalk.__version__, sleeptalk.asleep.Asleep.__name__, *dir(sleeptalk))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == [version("sleeptalk"), "Asleep", *sorted(sleeptalk.__all__)]
    with pytest.raises(AttributeError, match="module 'sleeptalk' has no attribute 'asleap'"):
        _ = sleeptalk.asleap  # type: ignore[attr-defined]


def test_the_package_says_what_is_where() -> None:
    assert sleeptalk.__doc__ is not None
    assert [name for name in PUBLIC[1:] if f"`{name}`" not in sleeptalk.__doc__] == []
