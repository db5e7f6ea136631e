"""What the clients put in the place of generated parts is what overrides/overrides.toml lists, and nothing else."""

import importlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

from sleeptalk.asleep import Asleep
from sleeptalk.asleep_v3 import Asleep as AsleepV3
from sleeptalk.phonexia import Phonexia
from sleeptalk.runtime.client import Client
from tests.clients.calling import KEY, USER

TABLE = tomllib.loads((Path(__file__).resolve().parents[2] / "overrides" / "overrides.toml").read_text("utf-8"))
CLIENTS: dict[str, Any] = {
    "asleep": lambda: Asleep(KEY, USER),
    "asleep_v3": lambda: AsleepV3(KEY, USER),
    "phonexia": lambda: Phonexia("http://appliance:8000"),
}


def made(document: str) -> Client:
    client: Client = CLIENTS[document]()
    return client


def operations(document: str) -> dict[str, Any]:
    module = importlib.import_module(f"sleeptalk_generated.{document}.client")
    return {value.id: value for value in vars(module).values() if type(value).__name__ == "Operation"}


def test_each_document_of_the_table_has_a_client() -> None:
    assert set(TABLE) == set(CLIENTS)


@pytest.mark.parametrize("document", CLIENTS)
def test_the_readers_are_those_of_the_table(document: str) -> None:
    readers = made(document)._overrides.readers
    assert set(readers) == {entry["operation"] for entry in TABLE[document].get("result", ())}
    assert set(readers) <= set(operations(document))


@pytest.mark.parametrize("document", CLIENTS)
def test_each_reader_makes_the_class_of_the_table(document: str) -> None:
    readers = made(document)._overrides.readers
    for entry in TABLE[document].get("result", ()):
        module, _, name = entry["with"].rpartition(".")
        replaced = getattr(importlib.import_module(module), name)
        assert readers[entry["operation"]].read.__annotations__["return"] == replaced.__name__
        assert replaced not in operations(document)[entry["operation"]].results.values()


@pytest.mark.parametrize("document", CLIENTS)
def test_the_arguments_that_a_client_fills_in_are_those_of_the_table(document: str) -> None:
    named = {entry["parameter"] for entry in TABLE[document].get("argument", ()) if "type" not in entry}
    parameters = [parameter for operation in operations(document).values() for parameter in operation.parameters]
    arguments = made(document)._arguments  # what a call has of its own, such as an id in its path, comes before them
    filled = {each.wire for each in parameters if each.name in arguments and each.place != "path"}
    assert filled == named
    assert set(arguments) == {parameter.name for parameter in parameters if parameter.wire in named}


@pytest.mark.parametrize("document", CLIENTS)
def test_an_identifier_is_a_parameter_of_a_path(document: str) -> None:
    parameters = [parameter for operation in operations(document).values() for parameter in operation.parameters]
    paths = {parameter.name for parameter in parameters if parameter.place == "path"}
    assert set(made(document)._overrides.identifiers) <= paths
