"""A document that cannot be generated is answered with one sentence that names the place, and nothing is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.generation.tree import present
from tests.generation.conftest import document
from tests.generation.test_command import generate

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = {
    "not YAML": ("openapi: [3.1.0\ninfo: {", r"line 2: this is not YAML: "),
    "a tab": ("openapi: 3.1.0\n\tinfo: {}", r"line 2: this is not YAML: "),
    "empty": ("", r"line 1: an OpenAPI document is a mapping"),
    "a list": ("- openapi", r"line 1: an OpenAPI document is a mapping"),
    "a key twice": ("openapi: 3.1.0\ninfo: {}\ninfo: {}", r"line 3: the key 'info' is given twice"),
    "an alias": ("openapi: 3.1.0\ninfo: &a {b: 1}\npaths: *a", r"line \d: an alias"),
    "a key that is a list": ("openapi: 3.1.0\n[a]: b", r"line 2: a key must be a plain string"),
    "an old version": (
        "openapi: 3.0.3\ninfo: {}\npaths: {}",
        r"line 1 \(#/openapi\): an OpenAPI 3.1 document is needed",
    ),
    "a date where a mapping should be": (
        "openapi: 3.1.0\ninfo: 2022-13-45",
        r"line 2: YAML readers disagree on 2022-13-45\. Right: \"2022-13-45\" in quotes",
    ),
    "no info": ("openapi: 3.1.0\npaths: {}", r"line 1 \(#/info\): Field required"),
    "no paths": ("openapi: 3.1.0\ninfo: {title: a, version: b}", r"line 1 \(#/paths\): Field required"),
    "a $ref that leads nowhere": (
        document("A:\n  type: object\n  properties:\n    b: {$ref: '#/components/schemas/C'}"),
        r"line 9 \(#/components/schemas/A/properties/b/\$ref\): \$ref #/components/schemas/C leads nowhere",
    ),
    "a $ref into another file": (
        document("A: {$ref: 'other.yaml#/A'}"),
        r"line 6 \(#/components/schemas/A/\$ref\): a \$ref must stay inside the file",
    ),
    "a circle": (
        document("""
            A: {type: object, properties: {b: {$ref: "#/components/schemas/B"}}}
            B: {type: object, properties: {a: {$ref: "#/components/schemas/A"}}}
            """),
        "in a circle are not supported: A, B",
    ),
    "a union of objects in a property": (
        document("""
            A: {type: object, properties: {c: {$ref: "#/components/schemas/C"}}}
            B: {type: object, properties: {b: {type: string}}}
            C: {anyOf: [{$ref: "#/components/schemas/B"}, {$ref: "#/components/schemas/D"}]}
            D: {type: object, properties: {d: {type: string}}}
            """),
        r"line 6 \(#/components/schemas/A/properties/c\): this type is not supported: a union of two types",
    ),
    "an enum of numbers and strings": (
        document("A: {enum: [1, a]}"),
        r"line 6 \(#/components/schemas/A\): .*same type",
    ),
    "a constant that is a boolean": (
        document("A: {type: object, properties: {b: {const: true}}}"),
        "a constant must be a string or an integer",
    ),
    "a list of no type": (
        document("A: {type: array}"),
        r"line 6 \(#/components/schemas/A\): .*type array must have items",
    ),
    "a bound that is a text": (
        document("A: {type: object, properties: {b: {type: string, maxLength: long}}}"),
        r"line 6 \(#/components/schemas/A/properties/b/maxLength\): Input should be a valid integer",
    ),
    "a list by position": (
        document("A: {type: array, prefixItems: [{type: string}]}"),
        r"#/components/schemas/A/prefixItems\): a list with a schema for each position is not supported",
    ),
    "further typed properties": (
        document("A: {type: object, properties: {b: {type: string}}, additionalProperties: {type: string}}"),
        r"#/components/schemas/A/additionalProperties\): further properties",
    ),
    "a property that is not an identifier": (
        document("""A: {type: object, properties: {'x: int = __import__("os")': {type: string}}}"""),
        "the name of a property must be a Python identifier",
    ),
    "a property that is a keyword": (document("A: {type: object, properties: {class: {type: string}}}"), "identifier"),
    "a property that hides a type": (
        document("A: {type: object, properties: {str: {type: string}}}"),
        "has another meaning",
    ),
    "a property that constructors have": (
        document("A: {type: object, properties: {self: {type: string}}}"),
        r"line 6 \(#/components/schemas/A/properties/self\): the name of this property has another meaning",
    ),
    "a schema that hides a type": (
        document("Any: {type: object, properties: {a: {type: string}}}"),
        "has another meaning",
    ),
    "a member's name that is not a name": (
        document("A: {type: string, enum: [a], x-enum-varnames: ['A = 1; B']}"),
        r"A/x-enum-varnames\): one name of A-Z",
    ),
    "a list of null fields with another": (
        document("A: {x-null-rule: a.b, type: object, properties: {b: {type: 'null'}, c: {type: string}}}"),
        r"line 6 \(#/components/schemas/A\): each property of a schema with x-null-rule must be null",
    ),
    "two schemas of one module": (
        document("""
            Ab: {type: object, properties: {a: {type: string}}}
            AB: {type: object, properties: {a: {type: string}}}
            """),
        "two schemas would both be written to models/ab.py",
    ),
}

OPERATION = """openapi: 3.1.0
info: {{title: A few lines, version: "1"}}
paths:
  /things/{{id}}:
    get:
      operationId: getThing
      parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]
      responses:
        "200": {{description: a, content: {{application/json: {{schema: {{$ref: "#/components/schemas/A"}}}}}}}}
      {more}
components:
  schemas:
    A: {{type: object, properties: {{a: {{type: string}}}}}}
"""

BROKEN_OPERATIONS = {
    "a path elsewhere": (
        (
            "openapi: 3.1.0\ninfo: {title: a, version: b}\npaths:\n  /a: {$ref: '#/components/pathItems/A'}\n"
            "components:\n  pathItems:\n    A: {get: {responses: {}}}"
        ),
        r"line 4 \(#/paths/~1a\): a path must hold its operations itself",
    ),
    "a body of another type": (
        OPERATION.format(more="requestBody: {content: {application/octet-stream: {schema: {type: string}}}}"),
        r"line 10 \(#/paths/~1things~1\{id\}/get/requestBody\): the body of a request must be application/json or",
    ),
    "a body of two types": (
        OPERATION.format(
            more="requestBody: {content: {application/json: {schema: {type: object}},"
            " multipart/form-data: {schema: {type: object}}}}"
        ),
        r"get/requestBody\): a request must have one media type",
    ),
    "a form that is not an object": (
        OPERATION.format(more="requestBody: {content: {multipart/form-data: {schema: {type: string}}}}"),
        r"get/requestBody\): the schema of multipart/form-data must be an object",
    ),
    "a form with an object in it": (
        OPERATION.format(
            more="requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {a:"
            ' {$ref: "#/components/schemas/A"}}}}}}'
        ),
        r"get/requestBody\): the field 'a' must be a file, a text, a number or a boolean",
    ),
    "a file in an answer": (
        OPERATION.format(more="").replace("{a: {type: string}}", "{a: {contentMediaType: audio/wav}}"),
        r"line 13 \(#/components/schemas/A/properties/a\): a file can only be sent",
    ),
    "a cookie": (
        OPERATION.format(more="").replace("[{name: id,", "[{name: c, in: cookie, schema: {type: string}}, {name: id,"),
        r"line 5 \(#/paths/~1things~1\{id\}/get\): parameters in cookies are not supported",
    ),
    "an object in the query": (
        OPERATION.format(more="").replace(
            "[{name: id,", '[{name: q, in: query, schema: {$ref: "#/components/schemas/A"}}, {name: id,'
        ),
        r"the query parameter 'q' must be a text, a number, a boolean, or a list of those",
    ),
    "a list in one parameter": (
        OPERATION.format(more="").replace(
            "[{name: id,",
            "[{name: q, in: query, explode: false, schema: {type: array, items: {type: string}}}, {name: id,",
        ),
        r"the list 'q' must be sent as repeated parameters",
    ),
    "a parameter with content": (
        OPERATION.format(more="").replace(
            "[{name: id,", "[{name: q, in: query, content: {application/json: {schema: {type: string}}}}, {name: id,"
        ),
        r"the query parameter 'q' needs a schema",
    ),
    "two parameters of one name": (
        OPERATION.format(more="").replace(
            "[{name: id,",
            "[{name: a-b, in: query, schema: {type: string}}, {name: x-a-b, in: header, schema: {type: string}},"
            " {name: id,",
        ),
        r"two parameters would both be the argument a_b",
    ),
    "a method that does not exist": (
        OPERATION.format(more="").replace("    get:", "    gett:"),
        r"line 5 \(#/paths/~1things~1\{id\}/gett\): a path has no such method or key",
    ),
    "no success": (
        OPERATION.format(more="").replace('"200"', '"404"'),
        r"get/responses\): at least one success \(2xx\) is needed",
    ),
    "no operationId": (
        OPERATION.format(more="").replace("      operationId: getThing\n", ""),
        "needs an operationId of its own",
    ),
    "a path parameter that is not declared": (
        OPERATION.format(more="").replace("name: id", "name: other"),
        r"line 5 \(#/paths/~1things~1\{id\}/get\): .*Path parameters",
    ),
    "an answer of any status": (OPERATION.format(more="").replace('"200"', '"2XX"'), "an answer must have one status"),
    "an answer of a text": (
        OPERATION.format(more="").replace("application/json: {schema: {$ref", "text/plain: {schema: {$ref"),
        r"get/responses/200\): the body of an answer must be application/json",
    ),
    "a webhook without a named schema": (
        OPERATION.format(more="").replace(
            "components:\n",
            "webhooks: {thing: {post: {operationId: receiveThing,"
            " requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {}}}}\ncomponents:\n",
        ),
        r"line 11 \(#/webhooks/thing/post/requestBody\): the schema of a webhook's body must be a \$ref to a named one",
    ),
    "a password": (
        OPERATION.format(more="security: [{Basic: []}]").replace(
            "components:\n", "components:\n  securitySchemes: {Basic: {type: http, scheme: basic}}\n"
        ),
        "only an API key in a header is supported",
    ),
}


def write(checkout: Path, text: str) -> None:
    """Put a document in the place of asleep.yaml, and no table of overrides for it."""
    (checkout / "openapi" / "asleep.yaml").write_text(text, encoding="utf-8")
    (checkout / "overrides" / "overrides.toml").write_text("", encoding="utf-8")


@pytest.mark.parametrize("name", [*BROKEN, *BROKEN_OPERATIONS])
def test_a_broken_document_is_refused_in_one_sentence(checkout: Path, name: str) -> None:
    text, expected = (BROKEN | BROKEN_OPERATIONS)[name]
    before = present(checkout / "generated")
    write(checkout, text)
    code, output, error = generate(checkout)
    assert (code, output) == (2, "")
    assert re.search(expected, error), error
    assert error.startswith("sleeptalk: openapi/asleep.yaml")
    assert error.count("\n") == 1
    assert present(checkout / "generated") == before
    assert [path.name for path in checkout.iterdir() if path.name.startswith(".")] == []


def test_the_operation_of_these_tests_is_itself_sound(checkout: Path) -> None:
    write(checkout, OPERATION.format(more=""))
    assert generate(checkout)[0] == 0


@pytest.mark.parametrize(
    ("raw", "expected"), [(b"\xff\xfe", "is not UTF-8: byte 0"), (None, "asleep.yaml cannot be read: Is a directory")]
)
def test_an_unreadable_document_is_refused(checkout: Path, raw: bytes | None, expected: str) -> None:
    path = checkout / "openapi" / "asleep.yaml"
    if raw is None:
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes(raw)
    code, _, error = generate(checkout)
    assert code == 2
    assert expected in error


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% if %}", r"overrides/templates/model.py.jinja line 1 is not a template"),
        ("{{ nothing }}", r"overrides/templates/model.py.jinja fails: 'nothing' is undefined"),
        ("class (", r"/models/\w+\.py line 1 would not be Python"),
    ],
)
def test_a_broken_template_is_refused(checkout: Path, template: str, expected: str) -> None:
    before = present(checkout / "generated")
    (checkout / "overrides" / "templates" / "model.py.jinja").write_text(template, encoding="utf-8")
    code, _, error = generate(checkout)
    assert code == 2
    assert re.search(expected, error), error
    assert present(checkout / "generated") == before


def test_a_missing_template_is_named(checkout: Path) -> None:
    (checkout / "overrides" / "templates" / "client.py.jinja").unlink()
    assert "overrides/templates/client.py.jinja is missing" in generate(checkout)[2]
