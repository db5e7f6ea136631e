"""An operation in a document is a typed method on both clients, without a handwritten line."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib
import inspect
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
import pytest
import yaml

from sleeptalk_contract.contract.document import document as project_document
from sleeptalk_contract.generation.overrides import OverrideTable
from sleeptalk_generated.operation import Call, headers_of, path_of
from tests.generation.conftest import ROOT, TOYS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    from tests.generation.conftest import Generate


TOY = UUID(int=7)


@pytest.fixture
def toys(package_of: Generate) -> ModuleType:
    return importlib.import_module(f"{package_of(TOYS).__name__}.service")


@pytest.fixture(params=["sync", "async"])
def call_of(request: pytest.FixtureRequest, toys: ModuleType) -> Callable[..., Call[Any]]:
    """Give the methods of a client a `_call`, and return the call that a method makes."""
    client = importlib.import_module(f"{toys.__name__}.client")
    made: list[Call[Any]] = []

    class Sync(client.ServiceMethods):  # type: ignore[misc, name-defined]
        def _call(self, call: Call[Any]) -> str:
            made.append(call)
            return "the result"

    class Async(client.AsyncServiceMethods):  # type: ignore[misc, name-defined]
        async def _call(self, call: Call[Any]) -> str:
            made.append(call)
            return "the result"

    def call(method: str, *arguments: object, **options: object) -> Call[Any]:
        if request.param == "sync":
            result = getattr(Sync(), method)(*arguments, **options)
        else:
            result = asyncio.run(getattr(Async(), method)(*arguments, **options))
        assert result == "the result"
        (only,) = made
        return only

    return call


def test_a_query_is_written_as_the_document_has_it(call_of: Callable[..., Call[Any]], toys: ModuleType) -> None:
    models = importlib.import_module(f"{toys.__name__}.models")
    at = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.timezone(dt.timedelta(hours=9)))
    call = call_of(
        "list_toys", since=dt.date(2026, 1, 2), tag=["a b", "c&d"], kind=models.Kind.SOFT, broken=True, at=at
    )
    assert path_of(call) == (
        "/toys?tag=a%20b&tag=c%26d&kind=soft&since=2026-01-02&at=2026-01-02T03%3A04%3A00%2B09%3A00&broken=true"
    )
    assert headers_of(call) == {"accept": "application/json"}
    assert (call.operation.id, call.operation.method, call.body) == ("listToys", "GET", None)
    assert call.operation.results == {200: list[models.Toy]}
    assert call.operation.refusals == {429: None}


def test_a_body_of_json_is_the_object(call_of: Callable[..., Call[Any]], toys: ModuleType) -> None:
    models = importlib.import_module(f"{toys.__name__}.models")
    call = call_of("add_toy", models.NewToy(name="Bear"), dry_run=False)
    assert path_of(call) == "/toys?dry_run=false"
    assert (call.operation.method, call.operation.body, call.body) == (
        "POST",
        "application/json",
        models.NewToy(name="Bear"),
    )
    assert call.operation.results == {201: models.Toy, 202: None}
    assert call.operation.refusals == {400: models.Error}


def test_a_body_that_is_optional_may_be_left_out(call_of: Callable[..., Call[Any]]) -> None:
    call = call_of("rename_toy", TOY)
    assert (path_of(call), call.operation.method, call.body) == (f"/toys/{TOY}", "PUT", None)


def test_an_answer_may_have_no_body(call_of: Callable[..., Call[Any]]) -> None:
    call = call_of("delete_toy", str(TOY))
    assert (path_of(call), call.operation.method, call.operation.results) == (f"/toys/{TOY}", "DELETE", {204: None})


def test_the_fields_of_a_form_are_arguments(call_of: Callable[..., Call[Any]]) -> None:
    call = call_of("upload_sound", TOY, b"RIFF", channel=1, title="Growl")
    assert path_of(call) == f"/toys/{TOY}/sound?channel=1"
    assert (call.operation.body, call.body) == ("multipart/form-data", {"file": b"RIFF", "title": "Growl"})


def test_no_class_is_made_for_a_form(toys: ModuleType) -> None:
    models = importlib.import_module(f"{toys.__name__}.models")
    assert models.__all__ == ["Error", "Kind", "NewToy", "Toy"]


def test_a_key_is_a_parameter_and_no_argument(toys: ModuleType) -> None:
    client = importlib.import_module(f"{toys.__name__}.client")
    for constant in ("LIST_TOYS", "ADD_TOY", "RENAME_TOY", "DELETE_TOY", "UPLOAD_SOUND"):
        key = getattr(client, constant).parameters[0]
        assert attrs.asdict(key) == {
            "name": "api_key",
            "wire": "x-api-key",
            "place": "header",
            "required": True,
            "pattern": None,
        }
    call = Call(operation=client.DELETE_TOY, arguments={"toy_id": TOY, "api_key": "a-key"})
    assert headers_of(call) == {"accept": "application/json", "x-api-key": "a-key"}
    assert "a-key" not in repr(call)
    assert str(TOY) not in repr(call)


def test_signatures_say_what_is_given_by_name(toys: ModuleType) -> None:
    client = importlib.import_module(f"{toys.__name__}.client")
    shown = {
        name: str(inspect.signature(function))
        for name, function in vars(client.ServiceMethods).items()
        if not name.startswith("_")
    }
    assert shown == {
        "list_toys": "(self, *, since: 'Date', tag: 'list[str] | None' = None, kind: 'models.Kind | str | None' = None,"
        " at: 'Timestamp | None' = None, broken: 'bool | None' = None, trace_id: 'str | None' = None)"
        " -> 'list[models.Toy]'",
        "add_toy": "(self, body: 'models.NewToy', *, dry_run: 'bool | None' = None) -> 'models.Toy | None'",
        "rename_toy": "(self, toy_id: 'UUID | str', body: 'models.NewToy | None' = None) -> 'models.Toy'",
        "delete_toy": "(self, toy_id: 'UUID | str') -> 'None'",
        "upload_sound": "(self, toy_id: 'UUID | str', file: 'File', *, channel: 'int | None' = None,"
        " title: 'str | None' = None) -> 'models.Toy'",
    }
    for name, text in shown.items():
        assert str(inspect.signature(getattr(client.AsyncServiceMethods, name))) == text


def test_a_method_is_documented_in_the_words_of_the_document(toys: ModuleType) -> None:
    client = importlib.import_module(f"{toys.__name__}.client")
    assert inspect.getdoc(client.ServiceMethods.add_toy) == inspect.cleandoc("""
        Add a toy.

        The toy is kept until it breaks.

        - It must have a name.

        - `body`: The toy to keep.
        - `dry_run`: Check it only.

        Refused with:
        - 400: It is refused.
        """)
    assert client.AsyncServiceMethods.add_toy.__doc__ == client.ServiceMethods.add_toy.__doc__


def test_the_methods_need_a_call_of_their_own(toys: ModuleType) -> None:
    client = importlib.import_module(f"{toys.__name__}.client")
    for kind in (client.ServiceMethods, client.AsyncServiceMethods):
        with pytest.raises(TypeError, match=r"abstract method '?_call"):
            kind()


PROGRAM = """
from uuid import UUID
from typing import TypeVar
from generated_in_a_test.operation import Call
from generated_in_a_test.service import client, models

T = TypeVar("T")

class Mine(client.ServiceMethods[str]):
    def _call(self, call: Call[T]) -> T:
        raise NotImplementedError

class MineAsync(client.AsyncServiceMethods[str]):
    async def _call(self, call: Call[T]) -> T:
        raise NotImplementedError

async def use(mine: Mine, later: MineAsync) -> None:
    reveal_type(mine.add_toy(models.NewToy(name="a"), dry_run=True))
    reveal_type(mine.rename_toy("a"))
    reveal_type(mine.delete_toy(UUID(int=1)))
    reveal_type(mine.upload_sound("a", ("a.wav", b"RIFF")))
    reveal_type(await later.add_toy(models.NewToy(name="a")))
    reveal_type(await later.rename_toy("a"))
    mine.add_toy("a toy")
    mine.upload_sound("a", 5)
    mine.list_toys()
"""


def test_the_methods_are_typed(package_of: Generate, tmp_path: Path) -> None:
    overrides = OverrideTable({("service", "result", "renameToy"): {"with": "toys.Renamed"}})
    package_of(TOYS, overrides)
    (tmp_path / "program.py").write_text(PROGRAM)
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "-m", "program", "-p", "generated_in_a_test"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    *lines, _ = run.stdout.splitlines()
    notes = [re.sub(r"^program.py:\d+: ", "", line) for line in lines if '" defined in "' not in line]
    assert notes == [
        'note: Revealed type is "generated_in_a_test.service.models.toy.Toy | None"',
        'note: Revealed type is "str"',
        'note: Revealed type is "None"',
        'note: Revealed type is "generated_in_a_test.service.models.toy.Toy"',
        'note: Revealed type is "generated_in_a_test.service.models.toy.Toy | None"',
        'note: Revealed type is "str"',
        'error: Argument 1 to "add_toy" of "ServiceMethods" has incompatible type "str"; expected "NewToy"  [arg-type]',
        (
            'error: Argument 2 to "upload_sound" of "ServiceMethods" has incompatible type "int"; expected'
            ' "bytes | BinaryIO | tuple[str, bytes | BinaryIO] | tuple[str, bytes | BinaryIO, str]"  [arg-type]'
        ),
        'error: Missing named argument "since" for "list_toys" of "ServiceMethods"  [call-arg]',
    ], run.stdout + run.stderr


def test_an_operation_added_to_a_document_of_the_project_has_its_methods(package_of: Generate) -> None:
    document = dict(project_document("asleep").root)
    added = yaml.safe_load(TOYS)
    document["paths"] = {**document["paths"], "/toys": {"post": added["paths"]["/toys"]["post"]}}
    document["components"] = {
        **document["components"],
        "schemas": {**document["components"]["schemas"], **added["components"]["schemas"]},
        "responses": {**document["components"]["responses"], **added["components"]["responses"]},
    }
    text = yaml.dump(document, Dumper=_WithoutAliases)
    client = importlib.import_module(f"{package_of(text).__name__}.service.client")
    for kind in (client.ServiceMethods, client.AsyncServiceMethods):
        assert [name for name in vars(kind) if not name.startswith("_")] == ["get_session", "add_toy"]


class _WithoutAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        "..",
        "%2e",
        "%2E%2e",
        ".%2e",
        "%252e%252E",
        "../admin",
        "a/../b",
        "..%2fadmin",
        "a\\..\\b",
        "%2e%2e%5cb",
    ],
)
def test_a_segment_that_would_change_the_path_is_refused(call_of: Callable[..., Call[Any]], value: str) -> None:
    call = call_of("delete_toy", value)
    with pytest.raises(ValueError, match="toy_id must not be"):
        path_of(call)


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("...", "..."),
        ("a..b", "a..b"),
        ("a?b#c", "a%3Fb%23c"),
        ("é", "%C3%A9"),
        ("a%2", "a%252"),
        ("{toy_id}", "%7Btoy_id%7D"),
    ],
)
def test_any_other_segment_is_quoted(call_of: Callable[..., Call[Any]], value: str, quoted: str) -> None:
    assert path_of(call_of("delete_toy", value)) == f"/toys/{quoted}"


def test_operations_and_calls_cannot_be_changed(toys: ModuleType) -> None:
    operation = importlib.import_module(f"{toys.__name__}.client").DELETE_TOY
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        operation.method = "GET"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Call(operation=operation).body = "a"  # type: ignore[misc]
    assert repr(operation) == "Operation(deleteToy)"


def test_a_parameter_is_found_by_its_name(toys: ModuleType) -> None:
    operation = importlib.import_module(f"{toys.__name__}.client").LIST_TOYS
    assert (operation.parameter("trace_id").wire, operation.parameter("trace_id").pattern) == ("x-trace-id", "^[a-z]+$")
    with pytest.raises(KeyError, match="nothing"):
        operation.parameter("nothing")


def test_the_document_may_have_no_operation(files_of: Callable[..., dict[str, str]]) -> None:
    files = files_of('openapi: 3.1.0\ninfo: {title: a, version: "1"}\npaths: {}\n')
    assert not [path for path in files if path.endswith("service/client.py")]


def test_the_committed_clients_are_what_the_table_of_overrides_makes_of_them() -> None:
    from sleeptalk_generated.asleep.client import AsleepMethods, AsyncAsleepMethods
    from sleeptalk_generated.phonexia.client import AsyncPhonexiaMethods, PhonexiaMethods

    assert (ROOT / "overrides" / "overrides.toml").is_file()
    for session in (AsleepMethods, AsyncAsleepMethods):
        assert list(inspect.signature(session.get_session).parameters) == ["self", "session_id", "timezone"]
        assert session.get_session.__annotations__["return"] == "Night"
    for analysis in (PhonexiaMethods, AsyncPhonexiaMethods):
        assert analysis.get_time_analysis.__annotations__["return"] == "TimeAnalysisTask"
        parameters = inspect.signature(analysis.get_time_analysis).parameters
        assert list(parameters) == ["self", "task_id", "correlation_id", "request_id"]
        assert parameters["request_id"].annotation == "UUID | str | None"
