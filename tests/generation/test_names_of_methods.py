"""Names in the methods of a client: of operations, of arguments, and of the classes of overrides."""

from __future__ import annotations

import importlib
import inspect
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from sleeptalk.runtime.sync_client import SyncClient
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.generation.overrides import OverrideTable
from tests.generation.conftest import TOYS

if TYPE_CHECKING:
    from sleeptalk_generated.operation import Call
    from tests.generation.conftest import Generate


def test_the_class_of_an_override_is_named(package_of: Generate) -> None:
    package = package_of(TOYS, OverrideTable({("service", "result", "renameToy"): {"with": "toys.Renamed"}}))
    client = importlib.import_module(f"{package.__name__}.service.client")
    assert "\nThe result is a `toys.Renamed`." in inspect.getdoc(client.ServiceMethods.rename_toy)
    assert "The result is" not in inspect.getdoc(client.ServiceMethods.add_toy)


def test_one_class_may_be_the_result_of_several_operations(package_of: Generate) -> None:
    entry = {"with": "toys.Renamed"}
    table = OverrideTable({("service", "result", name): entry for name in ("renameToy", "addToy")})
    client = importlib.import_module(f"{package_of(TOYS, table).__name__}.service.client")
    assert [str(variable) for variable in client.ServiceMethods.__parameters__] == ["~Renamed"]
    for method in (client.ServiceMethods.rename_toy, client.AsyncServiceMethods.add_toy):
        assert inspect.signature(method).return_annotation == "Renamed"


@pytest.mark.parametrize("name", ["toys.Call", "toys.T", "toys.UUID", "toys.RENAME_TOY", "others.Renamed"])
def test_the_class_of_an_override_has_a_name_of_its_own(package_of: Generate, name: str) -> None:
    entries = {
        ("service", "result", "addToy"): {"with": "toys.Renamed"},
        ("service", "result", "renameToy"): {"with": name},
    }
    with pytest.raises(UsageError, match=r"line 8 .*means something else in the client's module: rename the class"):
        package_of(TOYS, OverrideTable(entries, {("service", "result", "renameToy"): 8}))


def one_operation(parameters: str, name: str = "listToys") -> str:
    return f"""
openapi: 3.1.0
info: {{title: Toys, version: "1"}}
paths:
  /toys:
    get:
      operationId: {name}
      parameters: [{parameters}]
      responses: {{"204": {{description: a}}}}
"""


HEADER = "in: header, schema: {type: string}"
QUERY = "in: query, schema: {type: string}"


@pytest.mark.parametrize(
    ("parameters", "arguments"),
    [
        pytest.param(f"{{name: x-class, {HEADER}}}, {{name: x-None, {HEADER}}}", {"class_", "none"}, id="keyword"),
        pytest.param(f"{{name: x-self, {HEADER}}}, {{name: body, {HEADER}}}", {"self_", "body_"}, id="taken"),
        pytest.param(f"{{name: X-1, {HEADER}}}", {"x_1"}, id="number"),
        pytest.param(f"{{name: x, {HEADER}}}, {{name: x, {QUERY}}}", {"x_header", "x_query"}, id="twice"),
    ],
)
def test_an_argument_has_a_name_that_python_takes(package_of: Generate, parameters: str, arguments: set[str]) -> None:
    client = importlib.import_module(f"{package_of(one_operation(parameters)).__name__}.service.client")
    assert inspect.signature(client.ServiceMethods.list_toys).parameters.keys() == {"self", *arguments}


@pytest.mark.parametrize(
    ("operation_id", "method"), [("close", "close_"), ("withOptions", "with_options_"), ("abc", "abc"), ("t", "t")]
)
def test_an_operation_may_have_any_name(package_of: Generate, operation_id: str, method: str) -> None:
    package = package_of(one_operation("", operation_id))
    client = importlib.import_module(f"{package.__name__}.service.client")
    calls: list[Call[Any]] = []

    class Sync(client.ServiceMethods, SyncClient):  # type: ignore[misc, name-defined]
        def _call(self, call: Call[Any]) -> None:
            calls.append(call)

    with Sync("https://toys.test") as toys:
        getattr(toys, method)()
    assert [call.operation.id for call in calls] == [operation_id]
    assert isinstance(client.T, TypeVar)
    assert not hasattr(SyncClient, method)
