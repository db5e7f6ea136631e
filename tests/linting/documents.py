"""A small document that keeps every rule, and what one edit makes of it."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

SOUND = """
openapi: 3.1.0
info:
  title: Naps
  version: "1.0"
  description: Naps, for tests.
  license: {name: MIT, identifier: MIT}
servers:
  - url: https://naps.test
security:
  - ApiKey: []
tags:
  - name: Naps
    description: Short sleeps.
paths:
  /naps/{id}:
    get:
      operationId: getNap
      summary: Get a nap
      description: Returns one nap.
      tags: [Naps]
      parameters:
        - name: id
          in: path
          description: The nap to read.
          required: true
          schema: {type: string, maxLength: 20}
      responses:
        "200":
          description: The nap was found.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Nap"}
              examples:
                short: {value: {id: a, end_time: null, time_in_nap: 60, stages: [0, 1]}}
        "404": {$ref: "#/components/responses/NapNotFound"}
webhooks:
  napEnded:
    post:
      operationId: receiveNap
      summary: Receive a nap
      description: Sent when a nap ends.
      tags: [Naps]
      requestBody:
        description: The nap.
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Nap"}
            examples:
              short: {value: {id: a, end_time: null, time_in_nap: 60, stages: [0, 1]}}
      responses:
        "204": {description: The nap was accepted.}
        "4XX": {$ref: "#/components/responses/NapNotFound"}
components:
  securitySchemes:
    ApiKey: {type: apiKey, description: The key., name: x-api-key, in: header}
  responses:
    NapNotFound:
      description: There is no such nap.
      x-remedy: Check the id.
      content:
        application/json:
          schema: {$ref: "#/components/schemas/Error"}
          examples:
            unknown: {value: {detail: no such nap}}
  schemas:
    Error:
      description: Why a request was not served.
      type: object
      required: [detail]
      properties:
        detail: {description: What went wrong., type: string, maxLength: 100}
    Nap:
      description: One nap.
      type: object
      required: [id, end_time, time_in_nap, stages]
      properties:
        id: {description: The id., type: string, maxLength: 20}
        end_time: {description: When it ended. Null while it lasts., type: [string, "null"], format: date-time}
        time_in_nap: {description: Seconds asleep., type: integer, minimum: 0, maximum: 86400}
        stages:
          description: The stage of each 30 s epoch.
          type: array
          maxItems: 100
          items: {x-rule: session.sleep-stage-values, enum: [0, 1], x-enumDescriptions: {"0": Awake., "1": Asleep.}}
      allOf:
        - x-rule: session.sleep-stages-set-once-closed
          description: A nap that has ended has stages.
          if: {required: [end_time], properties: {end_time: {type: string}}}
          then: {required: [stages], properties: {stages: {type: array}}}
"""

CATALOGUE = """
sources: {page: {title: Naps, url: "https://naps.test/docs"}}
groups:
  session:
    role: provider
    title: Reading a nap
    summary: What is answered about a nap.
    rules:
      - {id: session.naps, level: must, where: exchange, sentence: Naps are short., source: {page: page}}
"""

ABSENT = object()
"""As a value in an edit: the key is taken away."""


def edited(pointer: str, value: Any, source: str = SOUND) -> dict[str, Any]:
    """Return the document with `value` at `pointer`; ABSENT removes the key, `("a", "b")` moves key "a" to "b"."""
    document: dict[str, Any] = deepcopy(yaml.safe_load(source))
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    node: Any = document
    for part in parents:
        node = node[int(part)] if isinstance(node, list) else node[part]
    key: Any = int(last) if isinstance(node, list) else last
    if value is ABSENT:
        del node[key]
    else:
        node[key] = value
    return document


def write(path: Path, document: dict[str, Any]) -> Path:
    """Write the document as JSON, which is YAML too: every scalar keeps its type."""
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return path
