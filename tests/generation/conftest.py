"""A checkout of the project in a temporary folder, and classes generated from a few lines of YAML."""

from __future__ import annotations

import importlib
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.contract.document import Document, document_paths
from sleeptalk_contract.generation.rendering import render

if TYPE_CHECKING:
    from sleeptalk_contract.generation.overrides import OverrideTable


NULLABLE_OBJECT = """
Night:
  type: object
  required: [stat]
  properties:
    stat:
      anyOf: [{$ref: "#/components/schemas/Stat"}, {type: "null"}]
Stat:
  type: object
  required: [ratio]
  properties: {ratio: {type: number}}
"""

OPTIONAL = """
Task:
  type: object
  required: [id]
  properties:
    id: {type: string}
    error: {type: [string, "null"]}
"""


TOYS = """
openapi: 3.1.0
info: {title: Toys, version: "1"}
security: [{Key: []}]
paths:
  /toys:
    get:
      operationId: listToys
      summary: List toys
      parameters:
        - name: tag
          in: query
          description: Only toys with all of these.
          schema: {type: array, items: {type: string}}
        - {name: kind, in: query, schema: {$ref: "#/components/schemas/Kind"}}
        - {name: since, in: query, required: true, schema: {type: string, format: date}}
        - {name: at, in: query, schema: {type: string, format: date-time}}
        - {name: broken, in: query, schema: {type: boolean}}
        - {name: x-trace-id, in: header, schema: {type: string, pattern: "^[a-z]+$"}}
      responses:
        "200":
          description: a
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Toy"}}}}
        "429": {description: Too many requests.}
    post:
      operationId: addToy
      summary: Add a toy.
      description: |
        The toy is kept until it breaks.

        - It must have a name.
      parameters:
        - {name: dry_run, in: query, description: Check it only., schema: {type: boolean}}
      requestBody:
        description: The toy to keep.
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/NewToy"}}}
      responses:
        "201": {description: a, content: {application/json: {schema: {$ref: "#/components/schemas/Toy"}}}}
        "202": {description: It is not kept yet.}
        "400": {$ref: "#/components/responses/Refused"}
  /toys/{toy_id}:
    parameters:
      - {name: toy_id, in: path, required: true, description: The toy., schema: {type: string, format: uuid}}
    put:
      operationId: renameToy
      requestBody:
        content: {application/json: {schema: {$ref: "#/components/schemas/NewToy"}}}
      responses:
        "200": {description: a, content: {application/json: {schema: {$ref: "#/components/schemas/Toy"}}}}
    delete:
      operationId: deleteToy
      responses: {"204": {description: It is gone.}, "404": {$ref: "#/components/responses/Refused"}}
  /toys/{toy_id}/sound:
    post:
      operationId: uploadSound
      parameters:
        - {name: toy_id, in: path, required: true, schema: {type: string, format: uuid}}
        - {name: channel, in: query, schema: {type: integer}}
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [file]
              properties:
                file: {type: string, contentMediaType: audio/wav, description: What it sounds like.}
                title: {type: string, description: Its name.}
      responses:
        "202": {description: a, content: {application/json: {schema: {$ref: "#/components/schemas/Toy"}}}}
components:
  securitySchemes: {Key: {type: apiKey, in: header, name: x-api-key}}
  responses:
    Refused: {description: It is refused., content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}}
  schemas:
    Toy:
      type: object
      required: [id]
      properties: {id: {type: string, format: uuid}, kind: {$ref: "#/components/schemas/Kind"}}
    NewToy: {type: object, required: [name], properties: {name: {type: string}}}
    Kind: {type: string, enum: [soft, hard]}
    Error: {type: object, required: [detail], properties: {detail: {type: string}}}
"""

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "overrides" / "templates"

Generate = Callable[..., ModuleType]


def document(schemas: str) -> str:
    """Put schemas (YAML) into the smallest OpenAPI document."""
    body = textwrap.indent(textwrap.dedent(schemas).strip("\n"), "    ")
    head = 'openapi: 3.1.0\ninfo: {title: A few lines, version: "1"}\npaths: {}\ncomponents:\n  schemas:\n'
    return f"{head}{body}\n"


@pytest.fixture
def files_of() -> Callable[..., dict[str, str]]:
    """Generate the files of a whole document (YAML), whose package is called "service"."""

    def files(text: str, overrides: OverrideTable | None = None) -> dict[str, str]:
        return render([Document.parse(text, "openapi/lines.yaml", "service")], TEMPLATES, overrides)

    return files


@pytest.fixture
def package_of(
    tmp_path: Path, files_of: Callable[..., dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Generate]:
    """Import the package that is generated from a whole document (YAML)."""
    name = "generated_in_a_test"
    monkeypatch.syspath_prepend(str(tmp_path))

    def package(text: str, overrides: OverrideTable | None = None) -> ModuleType:
        for path, content in files_of(text, overrides).items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
        return importlib.import_module(name)

    yield package
    for module in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[module]


@pytest.fixture
def models_of(package_of: Generate) -> Generate:
    """Import the package of the classes that are generated from schemas (YAML)."""

    def models(schemas: str) -> ModuleType:
        return importlib.import_module(f"{package_of(document(schemas)).__name__}.service.models")

    return models


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout with the project's documents, templates and generated files, to change as a test likes."""
    root = tmp_path / "checkout"
    for folder in ("overrides/templates", "generated"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "overrides" / "overrides.toml", root / "overrides")
    (root / "openapi").mkdir()
    for path in document_paths(ROOT / "openapi"):
        shutil.copy(path, root / "openapi")
    return root
