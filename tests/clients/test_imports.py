"""Importing a client costs little: what a program does not use is not imported."""

import json
import subprocess
import sys

import pytest

HEAVY = ("anyio", "attr", "attrs", "dataclasses", "importlib.metadata", "msgspec", "tenacity", "sleeptalk_contract")


def imported(program: str) -> set[str]:
    """Give the modules that a fresh interpreter has imported after running the program."""
    program += "\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("module", ["sleeptalk", "sleeptalk.asleep", "sleeptalk.phonexia", "sleeptalk.errors"])
def test_importing_a_client_imports_nothing_heavy(module: str) -> None:
    assert imported(f"import {module}").isdisjoint(HEAVY)


def test_importing_a_client_imports_nothing_that_httpx_would_not() -> None:
    beyond = imported("import sleeptalk.asleep, sleeptalk.phonexia") - imported("import httpx")
    assert all(name.split(".")[0].startswith("sleeptalk") for name in beyond), beyond


def test_no_part_of_the_package_needs_the_tools() -> None:
    program = """
import importlib, pkgutil, sys
sys.modules["click"] = None  # httpx imports it, for its own command, where it is there
import sleeptalk
for module in pkgutil.walk_packages(sleeptalk.__path__, "sleeptalk."):
    if module.name != "sleeptalk.plot":  # it comes with the extra `plot`
        importlib.import_module(module.name)
"""
    tools = {"sleeptalk_contract", "starlette", "schemathesis", "uvicorn", "yaml", "jsonschema_rs", "rich"}
    assert imported(program).isdisjoint(tools)


PACKAGES = ["sleeptalk.asleep", "sleeptalk.phonexia", "sleeptalk.callback", "sleeptalk.errors"]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_there(package: str) -> None:
    program = f"import {package} as p; assert all(getattr(p, name) is not None for name in p.__all__)"
    assert package in imported(program)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_listed_before_it_is_used(package: str) -> None:
    program = f"import {package} as p; assert set(p.__all__) <= set(dir(p)), dir(p); assert '__name__' in dir(p)"
    assert package in imported(program)


def test_a_name_that_is_not_there_says_so() -> None:
    import sleeptalk.asleep

    with pytest.raises(AttributeError, match="no attribute 'Nigth'"):
        _ = sleeptalk.asleep.Nigth  # type: ignore[attr-defined]
