"""The two documents as plain data, and ways through them."""

import copy
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

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

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("asleep", "asleep-v3", "phonexia")


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
