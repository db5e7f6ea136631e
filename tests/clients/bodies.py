"""Bodies that keep the contract, taken from the examples of the documents."""

from copy import deepcopy
from typing import Any

from sleeptalk_contract.documents import document


def example(name: str, service: str = "asleep") -> Any:
    """Give a copy of an example's value."""
    return deepcopy(document(service)["components"]["examples"][name]["value"])


def examples(prefix: str, service: str = "asleep") -> dict[str, Any]:
    """Give copies of all examples whose names begin so."""
    found = document(service)["components"]["examples"]
    return {name: deepcopy(value["value"]) for name, value in found.items() if name.startswith(prefix)}
