"""Text of a document stays text: nothing in it can end a string, a docstring or a comment of the generated code."""

from __future__ import annotations

import ast
import importlib
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sleeptalk_contract.generation.text import docstring, literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.generation.conftest import Generate

HOSTILE = (
    'quotes """ and \'\'\' and "\\" end"""\nraise SystemExit("escaped")\n',
    "\\",
    'ends with a quote"',
    'ends with an escaped quote\\"',
    "{{ 7 * 7 }} {% raw %} {# comment #} {name} {0} %s",
    "first line\n\n# Command: rm\r\nimport os; os.system('false')\n\x0b\x0c\x85\u2028\u2029last",
    "nul \x00 bell \x07 escape \x1b right-to-left \u202e emoji \U0001f634",
    "\\N{BULLET} \\x41 \\u0041 \\",
    "잠 \t tab",
    "",
)
NO_YAML = "a lone surrogate \ud800"


def hostile_document(text: str) -> str:
    """Write a document with one text in every place that is free text."""
    schema = {"type": "object", "title": text, "description": text, "examples": [text], "example": {"name": text}}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": text, "version": text, "summary": text, "description": text},
        "servers": [{"url": text or "/", "description": text}],
        "security": [{"Key": []}],
        "tags": [{"name": text or "a", "description": text}],
        "paths": {
            "/things/{id}": {
                "get": {
                    "operationId": "getThing",
                    "summary": text,
                    "description": text,
                    "tags": [text or "a"],
                    "parameters": [
                        {
                            "name": "id",
                            "in": "path",
                            "required": True,
                            "description": text,
                            "example": text,
                            "schema": {"type": "string", "title": text, "default": text, "pattern": text},
                        }
                    ],
                    "responses": {
                        "200": {
                            "description": text,
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                        }
                    },
                },
                "post": {
                    "operationId": "addThing",
                    "summary": text,
                    "description": text,
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "title": text}},
                        {
                            "name": "q",
                            "in": "query",
                            "description": text,
                            "schema": {"type": "string", "title": text, "enum": ["plain", text]},
                        },
                    ],
                    "requestBody": {
                        "description": text,
                        "content": {
                            "multipart/form-data": {
                                "schema": {
                                    "type": "object",
                                    "title": text,
                                    "properties": {"name": {"type": "string", "title": text, "description": text}},
                                }
                            }
                        },
                    },
                    "responses": {"204": {"description": text}, "400": {"description": text}},
                },
            }
        },
        "components": {
            "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": text}},
            "schemas": {
                "Thing": {
                    **schema,
                    "required": ["kind", "name", "fixed"],
                    "properties": {
                        "name": {
                            "type": "string",
                            "title": text,
                            "description": text,
                            "default": text,
                            "examples": [text],
                        },
                        "kind": {"$ref": "#/components/schemas/Kind", "description": text},
                        "fixed": {"type": "string", "const": text, "description": text, "title": text},
                        "further": {"$ref": "#/components/schemas/Mapping", "description": text},
                    },
                },
                "Kind": {"type": "string", "title": text, "description": text, "enum": ["plain", text]},
                "Nothing": {
                    "description": text,
                    "x-null-rule": text,
                    "type": "object",
                    "properties": {"name": {"type": "null"}},
                },
                "Mapping": {**schema, "additionalProperties": {"type": "string", "title": text, "description": text}},
            },
        },
    }
    return str(yaml.safe_dump(json.loads(json.dumps(document))))  # the copy has no parts in common, so no aliases


@pytest.mark.parametrize("text", HOSTILE)
def test_every_file_parses_and_holds_no_more_statements_than_for_harmless_text(
    files_of: Callable[[str], dict[str, str]], text: str
) -> None:
    harmless = {path: _shape(code) for path, code in files_of(hostile_document("harmless")).items()}
    assert {path: _shape(code) for path, code in files_of(hostile_document(text)).items()} == harmless


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_of_an_operation_is_text(package_of: Generate, text: str) -> None:
    document = yaml.safe_load(hostile_document("harmless"))
    document["paths"]["/things/{id}"]["post"]["operationId"] = f"add {text}"
    package = package_of(yaml.safe_dump(document)).__name__
    client = importlib.import_module(f"{package}.service.client")
    operation = importlib.import_module(f"{package}.operation").Operation
    ids = [value.id for value in vars(client).values() if isinstance(value, operation)]
    assert ids == ["getThing", f"add {text}"]


def _shape(code: str) -> list[str]:
    """Name the kinds of all statements of a file, except for the docstrings, which may be there or not."""
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.stmt)]
    return [
        type(node).__name__
        for node in nodes
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_values_arrive_as_they_are(package_of: Generate, text: str) -> None:
    name = package_of(hostile_document(text)).__name__
    models = importlib.import_module(f"{name}.service.models")
    decode = importlib.import_module(f"{name}.decoding").decode
    body = json.dumps({"name": "a", "kind": text, "fixed": text}).encode()
    thing = decode(body, models.Thing)
    assert (thing.kind, thing.kind.is_known, thing.fixed) == (text, True, text)
    assert models.Kind(text) is thing.kind


@pytest.mark.parametrize("text", [*HOSTILE, NO_YAML])
def test_a_docstring_is_one_expression(text: str) -> None:
    statements = ast.parse(f"def function():\n    {docstring(text, 4)}\n").body[0]
    assert isinstance(statements, ast.FunctionDef)
    assert len(statements.body) == 1


@pytest.mark.parametrize("text", [*HOSTILE, NO_YAML])
def test_a_literal_is_the_text(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text
    assert literal(text).isprintable()


def test_a_long_text_is_wrapped() -> None:
    lines = docstring("word " * 100, 4).splitlines()
    assert max(map(len, lines)) <= 120
    assert len(lines) == 6
