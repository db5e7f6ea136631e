"""One reader of documents: values, lines, `$ref`, operations, and one sentence for each text that it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.contract.document import (
    Document,
    checkout,
    document,
    documents,
    folder,
)
from sleeptalk_contract.contract.usage import UsageError

from .conftest import TOY

if TYPE_CHECKING:
    from pathlib import Path


def toy() -> Document:
    return Document.parse(TOY, "toy.yaml").checked()


def test_each_pointer_has_its_line_and_column() -> None:
    read = Document.parse("a: 1\nb:\n  - c: x\n  - [y, {d/e: z}]\n", "lines.yaml")
    assert read.value == {"a": 1, "b": [{"c": "x"}, ["y", {"d/e": "z"}]]}
    expected = {"": (1, 1), "/a": (1, 1), "/b": (2, 1), "/b/0": (3, 5), "/b/0/c": (3, 5), "/b/1": (4, 5)}
    expected |= {"/b/1/0": (4, 6), "/b/1/1": (4, 9), "/b/1/1/d~1e": (4, 10)}
    assert {pointer: read.place(pointer) for pointer in expected} == expected
    assert read.place("#/b/1/1/d~1e") == (4, 10)
    assert read.line("/b/1/1") == 4


def test_a_pointer_beyond_the_text_has_the_place_of_the_last_that_is_there() -> None:
    read = Document.parse("a:\n  b: 1\n", "lines.yaml")
    assert read.place("/a/b/c/d") == (2, 3)
    assert read.place("/z") == (1, 1)
    assert Document.parse("", "empty.yaml").place("/z") == (1, 1)


def test_a_refusal_names_file_line_and_pointer() -> None:
    read = Document.parse("a:\n  b: 1\n", "lines.yaml")
    assert str(read.refusal("/a/b", "no.").message) == "lines.yaml line 2 (#/a/b): no."
    assert read.refusal("/a/\x1b", "no.").message == "lines.yaml line 1 (#/a/): no."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "x.yaml line 1: an OpenAPI document is a mapping"),
        ("", "x.yaml line 1: an OpenAPI document is a mapping"),
        ("info: {}\n", "x.yaml line 1 (#/openapi): an OpenAPI 3.1 document is needed"),
        ("info: {}\nopenapi: 3.0.3\n", "x.yaml line 2 (#/openapi): an OpenAPI 3.1 document is needed"),
        ("openapi: 3.1.0\na: {$ref: '#/b'}\n", "x.yaml line 2 (#/a/$ref): $ref #/b leads nowhere."),
        ("openapi: 3.1.0\na: {$ref: 'y.yaml#/b'}\n", "x.yaml line 2 (#/a/$ref): a $ref must stay inside the file"),
        ("openapi: 3.1.0\na: {$ref: 1}\n", "x.yaml line 2 (#/a/$ref): a $ref must stay inside the file"),
        ("openapi: 3.1.0\na: {$ref: '#/b'}\nb: {$ref: '#/a'}\n", "line 2 (#/a/$ref): $ref #/b leads back to itself."),
    ],
)
def test_what_is_not_openapi_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        Document.parse(text, "x.yaml").checked()
    assert message in raised.value.message


def test_a_ref_inside_an_example_is_data() -> None:
    text = "openapi: 3.1.0\na: {example: {$ref: nowhere}}\nproperties: {example: {b: 1}}\n"
    Document.parse(text, "x.yaml").checked()


# ---- operations


def test_operations_are_those_under_paths_and_the_webhooks() -> None:
    found = [(one.id, one.method, one.path, one.is_webhook, one.pointer) for one in toy().operations.values()]
    assert found == [
        ("getNap", "GET", "/naps/{id}", False, "/paths/~1naps~1{id}/get"),
        ("deleteNap", "DELETE", "/naps/{id}", False, "/paths/~1naps~1{id}/delete"),
        ("getLongestNap", "GET", "/naps/longest", False, "/paths/~1naps~1longest/get"),
        ("createNap", "POST", "/naps", False, "/paths/~1naps/post"),
        ("receiveNap", "POST", "napEnded", True, "/webhooks/napEnded/post"),
    ]
    with pytest.raises(UsageError, match=r"toy.yaml has no operation getDream"):
        toy().operation("getDream")


def test_parameters_of_an_operation_win_over_those_of_its_path() -> None:
    parameters = toy().operation("getNap").parameters
    found = [(one.name, one.place, one.required, one.schema) for one in parameters]
    assert found == [("id", "path", True, {"type": "string"}), ("page", "query", True, {"type": "string"})]
    assert [one.required for one in toy().operation("deleteNap").parameters] == [True, False]


def test_responses_by_status_range_and_default() -> None:
    nap = toy().operation("getNap")
    assert nap.documented_statuses == {200, 404}
    assert [one.status for one in nap.successes] == ["200"]
    assert nap.responses["200"].headers == {"x-request-id": {"schema": {"type": "string"}}}
    statuses = {
        status: response.status if (response := nap.response(status)) else None for status in (200, 404, 500, 400)
    }
    assert statuses == {200: "200", 404: "404", 500: "5XX", 400: None}
    gone = toy().operation("deleteNap").response(400)
    assert gone is not None
    assert gone.status == "default"
    assert [one.status for one in toy().operation("getLongestNap").successes] == ["2XX"]


def test_schemas_of_bodies_carry_what_they_refer_to() -> None:
    import jsonschema_rs

    schema = toy().operation("getNap").response_schema(200)
    assert schema is not None
    validator = jsonschema_rs.validator_for(schema)
    assert validator.is_valid({"id": "a"})
    assert not validator.is_valid({})
    assert toy().operation("receiveNap").request_schema() == schema
    assert toy().schema("Nap") == schema
    assert toy().operation("getNap").response_schema(500) is None
    assert toy().operation("getNap").request_schema() is None
    create = toy().operation("createNap")
    assert sorted(create.request_content) == ["application/json", "multipart/form-data"]
    assert create.request_is_required
    assert create.request_schema("text/plain") is None


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("/naps/7", {"id": "7"}),
        ("/naps/a%2Fb%20c", {"id": "a/b c"}),
        ("/naps/%FF", {"id": "\ufffd"}),
        ("/naps/", {"id": ""}),
        ("/naps/7\n", {"id": "7\n"}),
        ("/naps/7/8", None),
        ("xx/naps/7", None),
    ],
)
def test_a_path_has_the_arguments_of_its_operation(path: str, arguments: dict[str, str] | None) -> None:
    assert toy().operation("getNap").match(path) == arguments


@pytest.mark.parametrize(
    ("paths", "where", "sentence"),
    [
        ("/a: {get: {responses: {}}}", "/paths/~1a/get", "an operation needs an operationId of its own"),
        ("/a: {get: 1}", "/paths/~1a/get", "an operation needs an operationId of its own"),
        ("/a: {get: {operationId: x}, put: {operationId: x}}", "/paths/~1a/put", "an operationId of its own"),
        ("/a: [1]", "/paths/~1a", "a path or webhook is a mapping"),
    ],
)
def test_an_operation_that_cannot_be_named_is_refused(paths: str, where: str, sentence: str) -> None:
    broken = Document.parse(f"openapi: 3.1.0\npaths:\n  {paths}\n", "x.yaml")
    with pytest.raises(UsageError) as raised:
        _ = broken.operations
    assert f"x.yaml line 3 (#{where}): " in raised.value.message
    assert sentence in raised.value.message


def test_a_parameter_without_a_name_is_refused() -> None:
    text = "openapi: 3.1.0\npaths:\n  /a:\n    get:\n      operationId: x\n      parameters:\n        - {in: path}\n"
    with pytest.raises(UsageError, match=r"line 7 \(#/paths/~1a/get/parameters/0\): a parameter needs"):
        _ = Document.parse(text, "x.yaml").operation("x").parameters


# ---- where documents are


def test_each_file_of_a_folder_is_a_document(tmp_path: Path) -> None:
    for name in ("naps", "dreams"):
        (tmp_path / f"{name}.yaml").write_text(TOY, encoding="utf-8")
    (tmp_path / "package.json").write_text("{}", encoding="utf-8")
    assert [one.name for one in documents(tmp_path)] == ["dreams", "naps"]
    assert document("naps", tmp_path) is document("naps", tmp_path)
    with pytest.raises(UsageError, match=r"snores.yaml is not there: the documents are dreams, naps\.$"):
        document("snores", tmp_path)


def test_the_projects_own_documents_are_those_of_its_checkout() -> None:
    root = checkout(folder())
    assert root is not None
    assert folder() == root / "openapi"
    assert checkout(root / "tests" / "documents") == root
    assert {"asleep", "phonexia"} <= {one.name for one in documents()}
    assert checkout(root.parent) is None
