"""One reader of documents: values, lines, `$ref`, operations, and one sentence for each text that it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sleeptalk_contract.contract.document import (
    Document,
    checkout,
    document,
    document_paths,
    documents,
    folder,
)
from sleeptalk_contract.contract.pointer import token
from sleeptalk_contract.contract.usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOY = """
openapi: 3.1.0
info: {title: Naps, version: "1"}
paths:
  /naps/{id}:
    parameters:
      - $ref: "#/components/parameters/Id"
      - {name: page, in: query, schema: {type: integer}}
    get:
      operationId: getNap
      parameters: [{name: page, in: query, required: true, schema: {type: string}}]
      responses:
        "200":
          description: A nap.
          headers: {X-Request-Id: {$ref: "#/components/headers/RequestId"}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Nap"}}}
        "404": {$ref: "#/components/responses/Refused"}
        "5XX": {description: Down.}
    delete:
      operationId: deleteNap
      responses: {"204": {description: Gone.}, default: {$ref: "#/components/responses/Refused"}}
  /naps/longest:
    get:
      operationId: getLongestNap
      responses: {"2XX": {description: A nap.}}
  /naps:
    post:
      operationId: createNap
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/Nap"}}
          multipart/form-data: {schema: {type: object}}
      responses: {"201": {description: Made.}}
webhooks:
  napEnded:
    post:
      operationId: receiveNap
      requestBody: {$ref: "#/components/requestBodies/Nap"}
      responses: {"2XX": {description: Taken.}}
components:
  parameters: {Id: {name: id, in: path, required: true, schema: {type: string}}}
  headers: {RequestId: {schema: {type: string}}}
  requestBodies: {Nap: {content: {application/json: {schema: {$ref: "#/components/schemas/Nap"}}}}}
  responses: {Refused: {description: No., content: {application/json: {schema: {type: object}}}}}
  schemas: {Nap: {type: object, required: [id], properties: {id: {type: string}}}}
"""


def toy() -> Document:
    return Document.parse(TOY, "toy.yaml").checked()


# ---- values and places


@pytest.mark.parametrize("path", document_paths(), ids=lambda path: path.stem)
def test_the_projects_documents_read_as_any_yaml_reader_reads_them(path: Path) -> None:
    read = Document.read(path)
    assert read.value == yaml.safe_load(path.read_text(encoding="utf-8"))
    assert read.flaws == ()
    assert json.loads(json.dumps(read.value)) == read.value


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


def test_plain_scalars_are_the_values_without_quotes() -> None:
    read = Document.parse("a: on\nb: [1, 'x', 2020-01-01]\nc: |\n  text\n", "lines.yaml")
    found = [(one.text, one.kind, one.line, one.column) for one in read.plain_scalars]
    assert found == [("on", "bool", 1, 4), ("1", "int", 2, 5), ("2020-01-01", "timestamp", 2, 13)]


def test_a_date_is_text_and_a_scalar_may_have_an_alias() -> None:
    assert Document.parse("a: 2020-01-01\nb: &n 7\nc: *n\n", "x.yaml").value == {"a": "2020-01-01", "b": 7, "c": 7}


# ---- what is refused

BROKEN = {
    "a list that ends as a mapping": ("a: 1\nb: [1}", 2, "this is not YAML: "),
    "a tab": ("a: 1\n\tb: 2", 2, "this is not YAML: "),
    "a control character": ("a: 1\nb: \x01", 2, "this is not YAML: "),
    "two documents": ("a: 1\n---\nb: 1\n", 2, "a second document begins here"),
    "a key twice": ("a: 1\nb: 1\na: 2\n", 3, "the key 'a' is given twice"),
    "a key twice, further in": ("a:\n  - {b: 1,\n     b: 2}\n", 3, "the key 'b' is given twice"),
    "a number as key": ("responses:\n  404: {}\n", 2, "the key 404 is not a string to every reader: put it in quotes"),
    "a truth value as key": ("a: 1\non: {}\n", 2, "the key on is not a string"),
    "a date as key": ("a: 1\n2020-01-01: {}\n", 2, "the key 2020-01-01 is not a string"),
    "null as key": ("a: 1\n~: {}\n", 2, "the key ~ is not a string"),
    "an empty key": ("a: 1\n?\n: 1\n", 2, "the key without text is not a string"),
    "an alias of a number as key": ("a: &n 1\n*n : 2\n", 2, "the key 1 is not a string"),
    "a merge": ("a: 1\n<<: {b: 1}\n", 2, "the key << is not a string"),
    "a list as key": ("a: 1\n[b]: 1\n", 2, "a key must be a plain string"),
    "an alias of a mapping": ("a: &x {b: 1}\nc: *x\n", 2, "an alias of a list or mapping: use $ref instead"),
    "an alias of itself": ("a: &x\n  b: *x\n", 2, "an alias of a list or mapping"),
    "an alias of nothing": ("a: 1\nb: *x\n", 2, "this is not YAML: there is no anchor x"),
    "a billion laughs": (
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        2,
        "an alias of a list or mapping",
    ),
    "a tag": ("a: 1\nb: !!python/object:os.system {}\n", 2, "means nothing in JSON"),
    "bytes": ("a: 1\nb: !!binary aGk=\n", 2, "means nothing in JSON"),
    "a number that is none": ("a: 1\nb: !!int x\n", 2, "this is not YAML: invalid literal"),
    "digits without end": (f"a: 1\nb: {'9' * 5000}\n", 2, "this is not YAML: Exceeds the limit"),
    "infinity": ("a: 1\nb: .inf\n", 2, "JSON has no number .inf"),
    "no number": ("a: 1\nb: .nan\n", 2, "JSON has no number .nan"),
    "a number out of range": ("a: 1\nb: 1.0e+999\n", 2, "JSON has no number 1.0e+999"),
    "lists in lists": (f"a: 1\nb: {'[' * 3000}{']' * 3000}", 2, "this is nested too deeply to be read"),
    "mappings in mappings": (f"a: 1\nb: {'{a: ' * 300}1{'}' * 300}", 2, "this is nested too deeply to be read"),
}


@pytest.mark.parametrize(("text", "line", "sentence"), BROKEN.values(), ids=BROKEN.keys())
def test_a_flawed_text_is_refused_with_file_and_line(text: str, line: int, sentence: str) -> None:
    with pytest.raises(UsageError) as raised:
        Document.parse(text, "openapi/x.yaml")
    message = raised.value.message
    assert message.startswith(f"openapi/x.yaml line {line}: ")
    assert sentence in message
    assert message.endswith(".")
    assert "\n" not in message


def test_every_flaw_is_known_to_who_looks_at_a_flawed_document() -> None:
    flawed = Document("a: 1\n404: 1\na: 2\nb: .inf\n", "x.yaml")
    assert [(flaw.line, flaw.column) for flaw in flawed.flaws] == [(2, 1), (3, 1), (4, 4)]
    assert flawed.value == {"a": 2, "404": 1, "b": None}


def test_200_levels_are_read() -> None:
    assert Document("[" * 200 + "]" * 200, "x.yaml").flaws == ()
    assert len(Document("[" * 201 + "]" * 201, "x.yaml").flaws) == 1


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    with pytest.raises(UsageError, match=r"^openapi/x.yaml cannot be read: No such file or directory\.$"):
        Document.read(file, "openapi/x.yaml")
    file.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(UsageError, match=r"x.yaml line 2: this is not UTF-8: byte 8 cannot be decoded\.$"):
        Document.read(file)
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        Document.read(tmp_path)


def test_the_reader_of_python_alone_refuses_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML is built without its C part on some systems."""
    from sleeptalk_contract.contract import yaml_reader

    monkeypatch.setattr(yaml_reader, "_LOADER", yaml.SafeLoader)
    for text, line, _ in BROKEN.values():
        with pytest.raises(UsageError, match=rf"^x.yaml line {line}: "):
            Document.parse(text, "x.yaml")
    with pytest.raises(UsageError, match=r"^x.yaml line 1: this is not YAML: "):
        Document.parse('"\\UFFFFFFFF"', "x.yaml")
    assert Document.parse(TOY, "toy.yaml").value == toy().value


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
    ("method", "path", "expected"),
    [
        ("GET", "/naps/7", ("getNap", {"id": "7"})),
        ("get", "/naps/a%2Fb%20c", ("getNap", {"id": "a/b c"})),
        ("GET", "/naps/%FF", ("getNap", {"id": "\ufffd"})),
        ("GET", "/naps/", ("getNap", {"id": ""})),
        ("GET", "/naps/longest", ("getLongestNap", {})),
        ("DELETE", "/naps/longest", ("deleteNap", {"id": "longest"})),
        ("POST", "/naps", ("createNap", {})),
        ("POST", "/naps/7", None),
        ("GET", "/naps/7/8", None),
        ("GET", "/naps/7\n", ("getNap", {"id": "7\n"})),
        ("GET", "xx/naps/7", None),
        ("POST", "napEnded", None),
    ],
)
def test_a_request_finds_its_operation(method: str, path: str, expected: tuple[str, Any] | None) -> None:
    found = toy().operation_at(method, path)
    assert (None if found is None else (found[0].id, found[1])) == expected


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


# ---- any text


PIECES = st.sampled_from(
    [
        "a",
        "b: ",
        "- ",
        "  ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        ": ",
        "? ",
        "&x ",
        "*x ",
        "*x",
        "!!int ",
        "!t ",
        "<<: ",
        "'",
        '"',
        ">-",
        "#",
        "1",
        "-.inf",
        "0x1F",
        "2020-01-01",
        "~",
        "=",
        "1e5",
        "0o7",
        "12:30:45",
        "1_0",
        "$ref: '#/a'",
        "%YAML 1.1",
        "---",
        "...",
        "\ufeff",
        "\u2028",
        "\x85",
        "\x07",
        "😀",
        "\t",
        "\n",
        "|\n",
        "\n- ",
        "\nb: ",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_text_is_read_as_json_values_or_refused_with_a_line(text: str) -> None:
    document = Document(text, "x.yaml")
    lines = text.count("\n") + text.count("\x85") + text.count("\u2028") + 1
    assert all(1 <= flaw.line <= lines + 1 and flaw.column >= 1 for flaw in document.flaws)
    if document.flaws:
        with pytest.raises(UsageError, match=r"^x\.yaml line \d+: [^\n]*\.$"):
            Document.parse(text, "x.yaml")
    else:
        assert json.loads(json.dumps(document.value)) == document.value


TEXT = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_json_is_read_as_it_is_and_each_of_its_places_is_known(value: Any) -> None:
    document = Document.parse(json.dumps(value, indent=1, ensure_ascii=False), "x.yaml")
    assert document.value == value
    for pointer, found in every(value, ""):
        assert document.follow(pointer) == found
        assert document.place(pointer) != document.place("") or pointer == ""


def every(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    yield pointer, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield from every(inner, f"{pointer}/{token(key)}")
