"""The two documents as plain data, and ways through them."""

import copy
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("asleep", "phonexia")


@functools.cache
def parsed(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "openapi" / f"{name}.yaml").read_text("utf-8"))
    return loaded


def read(name: str) -> dict[str, Any]:
    """A document of its own for each caller, who may change it."""
    return copy.deepcopy(parsed(name))


def nodes(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every node of a document with its JSON Pointer."""
    yield pointer, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from nodes(value, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from nodes(value, f"{pointer}/{index}")


@pytest.fixture(params=DOCUMENTS)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    return read(request.param)
