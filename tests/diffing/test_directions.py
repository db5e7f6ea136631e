"""One change in every direction: in the request and the answer of a path and of a webhook, in place and shared.

A user of a path sends the request and receives the answer; a user of a webhook receives the request and sends the
answer. So the same change may break one of the two and not the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from sleeptalk_contract.contract.document import Document
from sleeptalk_contract.diffing.change import Change, Impact, worst
from sleeptalk_contract.diffing.documents import document_changes
from tests.node_tools import needs_node

pytestmark = needs_node

MAJOR, MINOR, PATCH = Impact.MAJOR, Impact.MINOR, Impact.PATCH


def schema_of_a_body() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["id", "end"],
        "properties": {
            "id": {"type": "string", "pattern": "^[0-9]{1,3}$"},
            "end": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "note": {"type": "string"},
            "named": {"$ref": "#/components/schemas/Named"},
            "maybe": {"description": "x.", "anyOf": [{"$ref": "#/components/schemas/Named"}, {"type": "null"}]},
            "kind": {"type": "string", "enum": ["a", "b"]},
            "count": {"type": "number", "minimum": 0, "maximum": 9, "x-rule": "session.count"},
        },
    }


@dataclass
class Site:
    """One operation and its parts, each the object to edit, wherever it stands."""

    parameter: dict[str, Any] = field(
        default_factory=lambda: {
            "name": "x-a",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "pattern": "^[0-9]$"},
        }
    )
    query: dict[str, Any] = field(
        default_factory=lambda: {"name": "q", "in": "query", "schema": {"type": "integer", "maximum": 9}}
    )
    sent: dict[str, Any] = field(default_factory=schema_of_a_body)
    answered: dict[str, Any] = field(default_factory=schema_of_a_body)
    header: dict[str, Any] = field(default_factory=lambda: {"required": True, "schema": {"type": "integer"}})
    body: dict[str, Any] = field(init=False)
    answer: dict[str, Any] = field(init=False)
    operation: dict[str, Any] = field(init=False)
    item: dict[str, Any] = field(init=False)
    shared: dict[str, dict[str, Any]] = field(init=False, default_factory=dict)

    def assemble(self, name: str, *, shares: bool) -> None:
        """Put the parts together, those of a site that `shares` under `components`."""

        def placed(kind: str, part: dict[str, Any], suffix: str = "") -> dict[str, Any]:
            if not shares:
                return part
            self.shared.setdefault(kind, {})[f"{name}{suffix}"] = part
            return {"$ref": f"#/components/{kind}/{name}{suffix}"}

        text = {"schema": {"type": "string"}}
        self.body = {
            "required": True,
            "content": {"application/json": {"schema": placed("schemas", self.sent, ".sent")}, "text/plain": text},
        }
        self.answer = {
            "description": "x.",
            "headers": {"x-h": placed("headers", self.header)},
            "content": {"application/json": {"schema": placed("schemas", self.answered, ".answered")}},
        }
        self.operation = {
            "operationId": name,
            "parameters": [placed("parameters", self.parameter), placed("parameters", self.query, ".query")],
            "requestBody": placed("requestBodies", self.body),
            "responses": {
                "200": placed("responses", self.answer),
                "204": {"description": "x."},
            },
        }
        self.item = {"post": self.operation}


Edit = Callable[[Site], object]


def field_of(schema: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = schema["properties"][name]
    return found


def rename_field(schema: dict[str, Any]) -> None:
    schema["properties"]["ended"] = schema["properties"].pop("end")
    schema["required"] = ["id", "ended"]


def drop_field(schema: dict[str, Any]) -> None:
    del schema["properties"]["end"]
    schema["required"] = ["id"]


NEW_HEADER = {"name": "x-new", "in": "header", "schema": {"type": "string"}}
TEXT = {"text/csv": {"schema": {"type": "string"}}}

# what changes, the edit, the impact on users of a path, the impact on users of a webhook
OPERATIONS: list[tuple[str, Edit, Impact, Impact]] = [
    ("a required header is gone", lambda s: s.operation["parameters"].pop(0), MAJOR, MAJOR),
    ("an optional parameter is gone", lambda s: s.operation["parameters"].pop(1), MAJOR, MAJOR),
    ("all parameters are gone", lambda s: s.operation.pop("parameters"), MAJOR, MAJOR),
    ("a header is optional", lambda s: s.parameter.update(required=False), MINOR, MAJOR),
    ("a header does not say that it is required", lambda s: s.parameter.pop("required"), MINOR, MAJOR),
    ("a parameter is required", lambda s: s.query.update(required=True), MAJOR, MINOR),
    ("a header is renamed", lambda s: s.parameter.update(name="x-b"), MAJOR, MAJOR),
    ("a header is written in capitals", lambda s: s.parameter.update(name="X-A"), PATCH, PATCH),
    ("a header becomes a parameter of the query", lambda s: s.parameter.update({"in": "query"}), MAJOR, MAJOR),
    ("a header may be null", lambda s: s.parameter["schema"].update(type=["string", "null"]), PATCH, MAJOR),
    ("a header narrows", lambda s: s.parameter["schema"].update(enum=["1"]), MAJOR, PATCH),
    ("a parameter widens", lambda s: s.query["schema"].pop("maximum"), PATCH, MAJOR),
    ("a header has an equal pattern", lambda s: s.parameter["schema"].update(pattern=r"^\d$"), PATCH, PATCH),
    ("a required header is new", lambda s: s.operation["parameters"].append({**NEW_HEADER, "required": True}),
     MAJOR, MINOR),
    ("an optional header is new", lambda s: s.operation["parameters"].append(NEW_HEADER), MINOR, MINOR),
    ("no key is needed", lambda s: s.operation.update(security=[]), MINOR, MAJOR),
    ("a key is optional", lambda s: s.operation.update(security=[{"Key": []}, {}]), MINOR, MAJOR),
    ("another key will do", lambda s: s.operation.update(security=[{"Key": []}, {"Other": []}]), MINOR, MAJOR),
    ("another key is needed", lambda s: s.operation.update(security=[{"Other": []}]), MAJOR, MAJOR),
    ("a second key is needed", lambda s: s.operation.update(security=[{"Key": [], "Other": []}]), MAJOR, MINOR),
    ("the body is optional", lambda s: s.body.update(required=False), MINOR, MAJOR),
    ("the body does not say that it is required", lambda s: s.body.pop("required"), MINOR, MAJOR),
    ("the body is gone", lambda s: s.operation.pop("requestBody"), MAJOR, MAJOR),
    ("a body has a further media type", lambda s: s.body["content"].update(TEXT), MINOR, MAJOR),
    ("a media type of the body is gone", lambda s: s.body["content"].pop("text/plain"), MAJOR, MAJOR),
    ("a status is gone", lambda s: s.operation["responses"].pop("204"), MAJOR, MAJOR),
    ("a status is new", lambda s: s.operation["responses"].update({"202": {"description": "x."}}), MINOR, MINOR),
    ("an answer gains a body", lambda s: s.operation["responses"]["204"].update(content=TEXT), MINOR, MAJOR),
    ("an answer loses its body", lambda s: s.answer.pop("content"), MAJOR, MAJOR),
    ("an answer has a further media type", lambda s: s.answer["content"].update(TEXT), MINOR, MINOR),
    ("a header of an answer is gone", lambda s: s.answer["headers"].pop("x-h"), MAJOR, MINOR),
    ("all headers of an answer are gone", lambda s: s.answer.pop("headers"), MAJOR, MINOR),
    ("a header of an answer is renamed",
     lambda s: s.answer["headers"].update({"x-i": s.answer["headers"].pop("x-h")}), MAJOR, MAJOR),
    ("a header of an answer is optional", lambda s: s.header.update(required=False), MAJOR, MINOR),
    ("a header of an answer may be null", lambda s: s.header["schema"].update(type=["integer", "null"]), MAJOR, PATCH),
    ("a header of an answer narrows", lambda s: s.header["schema"].update(maximum=9), PATCH, MAJOR),
    ("a required header of an answer is new",
     lambda s: s.answer["headers"].update({"x-i": {"required": True, "schema": {"type": "string"}}}), MINOR, MAJOR),
    ("an optional header of an answer is new",
     lambda s: s.answer["headers"].update({"x-i": {"schema": {"type": "string"}}}), MINOR, MINOR),
    ("a parameter moves to the path item", lambda s: s.item.update(parameters=[s.operation["parameters"].pop(1)]),
     PATCH, PATCH),
    ("a parameter gives way to a required one",
     lambda s: s.operation["parameters"].__setitem__(1, {**NEW_HEADER, "required": True}), MAJOR, MAJOR),
    ("the operation writes out the security of the document", lambda s: s.operation.update(security=[{"Key": []}]),
     PATCH, PATCH),
    ("the operation is gone", lambda s: s.item.pop("post"), MAJOR, MAJOR),
    ("an operation is new", lambda s: s.item.update(put=deepcopy(s.operation)), MINOR, MINOR),
    ("a description is reworded", lambda s: s.operation.update(description="y."), PATCH, PATCH),
]  # fmt: skip

# what changes, the edit, the impact on those who send the body, the impact on those who receive it
SCHEMAS: list[tuple[str, Callable[[dict[str, Any]], object], Impact, Impact]] = [
    ("a field may be null", lambda b: field_of(b, "id").update(type=["string", "null"]), PATCH, MAJOR),
    ("a field is never null", lambda b: field_of(b, "end").update(anyOf=[{"type": "integer"}]), MAJOR, PATCH),
    ("a field is required", lambda b: b["required"].append("note"), MAJOR, PATCH),
    ("a field is optional", lambda b: b["required"].remove("id"), PATCH, MAJOR),
    ("a field is renamed", rename_field, MAJOR, MAJOR),
    ("a field is gone", drop_field, PATCH, MAJOR),
    ("an optional field is new", lambda b: b["properties"].update(more={"type": "string"}), MINOR, MINOR),
    ("a type widens", lambda b: field_of(b, "id").update(type=["string", "integer"]), PATCH, MAJOR),
    ("a type narrows", lambda b: field_of(b, "count").update(type="integer"), MAJOR, PATCH),
    ("a bound widens", lambda b: field_of(b, "count").update(maximum=10), PATCH, MAJOR),
    ("a bound narrows", lambda b: field_of(b, "count").update(minimum=1), MAJOR, PATCH),
    ("an enumeration gains a value", lambda b: field_of(b, "kind")["enum"].append("c"), PATCH, MINOR),
    ("an enumeration loses a value", lambda b: field_of(b, "kind")["enum"].remove("a"), MAJOR, PATCH),
    ("a pattern is another", lambda b: field_of(b, "id").update(pattern="^[0-9]{1,4}$"), MAJOR, MAJOR),
    ("a choice with null loses null and its notation",
     lambda b: b["properties"].update(end={"type": "integer"}), MAJOR, PATCH),
    ("a type becomes a choice with null",
     lambda b: b["properties"].update(note={"anyOf": [{"type": "string"}, {"type": "null"}]}), PATCH, MAJOR),
    ("a reference becomes a choice with null",
     lambda b: b["properties"].update(named={"anyOf": [{"$ref": "#/components/schemas/Named"}, {"type": "null"}]}),
     MINOR, MAJOR),
    ("a choice of a reference and null loses null",
     lambda b: b["properties"].update(maybe={"description": "x.", "$ref": "#/components/schemas/Named"}),
     MAJOR, PATCH),
    # in other words
    ("a choice of a reference and null is a oneOf",
     lambda b: field_of(b, "maybe").update(oneOf=field_of(b, "maybe").pop("anyOf")), PATCH, PATCH),
    ("a type becomes a choice of one", lambda b: b["properties"].update(note={"anyOf": [{"type": "string"}]}),
     PATCH, PATCH),
    ("a pattern is equal", lambda b: field_of(b, "id").update(pattern=r"^\d\d?\d?$"), PATCH, PATCH),
    ("anyOf with null becomes oneOf", lambda b: field_of(b, "end").update(oneOf=field_of(b, "end").pop("anyOf")),
     PATCH, PATCH),
    ("null comes first", lambda b: field_of(b, "end")["anyOf"].reverse(), PATCH, PATCH),
    ("anyOf with null becomes a list of types",
     lambda b: b["properties"].update(end={"type": ["null", "integer"]}), PATCH, PATCH),
    ("one type becomes a list", lambda b: field_of(b, "id").update(type=["string"]), PATCH, PATCH),
    ("an enumeration has another order", lambda b: field_of(b, "kind")["enum"].reverse(), PATCH, PATCH),
    ("what is required has another order", lambda b: b["required"].reverse(), PATCH, PATCH),
]  # fmt: skip


def rows() -> list[tuple[str, Edit, str, Impact]]:
    """Return each row of the tables with its section: what changes, the edit, "paths" or "webhooks", the impact."""
    found: list[tuple[str, Edit, str, Impact]] = []
    for title, edit, path, webhook in OPERATIONS:
        found += [(title, edit, "paths", path), (title, edit, "webhooks", webhook)]
    for title, change, sending, receiving in SCHEMAS:
        for part in ("sent", "answered"):
            for section in ("paths", "webhooks"):
                is_sent = (part == "sent") == (section == "paths")
                edit = _edit_of(change, part)
                found.append((f"{title} that is {part}", edit, section, sending if is_sent else receiving))
    return found


def _edit_of(change: Callable[[dict[str, Any]], object], part: str) -> Edit:
    return lambda site: change(getattr(site, part))


ROWS = [(*row, shares) for row in rows() for shares in (False, True)]


def built(*, is_edited: bool) -> Document:
    """Return a document with an operation for each row, so that Redocly runs once for all of them."""
    made: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Naps", "version": "1"},
        "security": [{"Key": []}],
        "paths": {},
        "webhooks": {},
        "components": {
            "schemas": {"Named": {"type": "string"}},
            "securitySchemes": {
                name: {"type": "apiKey", "name": f"x-{name.lower()}", "in": "header"} for name in ("Key", "Other")
            },
        },
    }
    for number, (_, edit, section, _, shares) in enumerate(ROWS):
        site = Site()
        site.assemble(f"row{number}", shares=shares)
        if is_edited:
            edit(site)
        made[section][f"/row{number}"] = site.item
        for kind, parts in site.shared.items():
            made["components"].setdefault(kind, {}).update(parts)
    return Document.parse(json.dumps(deepcopy(made), indent=1), "edited" if is_edited else "before")


@cache
def changes_by_row() -> dict[int, list[Change]]:
    found: dict[int, list[Change]] = {number: [] for number in range(len(ROWS))}
    for change in document_changes("naps", built(is_edited=False), built(is_edited=True)):
        number = re.search(r"row(\d+)", change.place)
        assert number is not None, change
        found[int(number[1])].append(change)
    return found


@pytest.mark.parametrize(
    "number",
    range(len(ROWS)),
    ids=[f"{section}{', shared' * shares}: {title}" for title, _, section, _, shares in ROWS],
)
def test_a_change_is_rated_for_the_side_that_users_are_on(number: int) -> None:
    changes = changes_by_row()[number]
    assert worst(changes) is ROWS[number][3], [(one.impact.word, one.place, one.sentence) for one in changes]


def test_a_change_is_told_once_at_each_place() -> None:
    for changes in changes_by_row().values():
        told = [(change.place, change.sentence.split()[-2:]) for change in changes]
        assert all(told.count(one) == 1 for one in told), changes


def test_a_part_that_is_sent_and_received_breaks_both_ways() -> None:
    """A parameter that a path and a webhook share breaks a user of one of them whether it is required or optional."""
    parameter = {"name": "x-a", "in": "header", "required": True, "schema": {"type": "string"}}
    operation = {"parameters": [{"$ref": "#/components/parameters/A"}], "responses": {"204": {"description": "x."}}}
    made = {
        "openapi": "3.1.0",
        "info": {"title": "Naps", "version": "1"},
        "paths": {"/naps/{id}": {"get": operation}},
        "webhooks": {"nap": {"post": operation}},
        "components": {"parameters": {"A": parameter}},
    }
    other = deepcopy(made)
    other["components"]["parameters"]["A"]["required"] = False  # type: ignore[index]
    required, optional = (Document.parse(json.dumps(version), "naps") for version in (made, other))
    for base, revision in ((required, optional), (optional, required)):
        changes = list(document_changes("naps", base, revision))
        assert [(one.impact, one.place) for one in changes] == [(MAJOR, "#/components/parameters/A/required")]


@pytest.mark.parametrize("required", [True, False])
def test_a_new_request_body_breaks_those_who_must_send_it(required: bool) -> None:
    def made(section: str, **more: Any) -> Document:
        operation = {"responses": {"204": {"description": "x."}}, **more}
        info = {"title": "Naps", "version": "1"}
        return Document.parse(
            json.dumps({"openapi": "3.1.0", "info": info, section: {"/naps": {"post": operation}}}), "naps"
        )

    body = {"required": required, "content": {"application/json": {"schema": {"type": "object"}}}}
    for section, impact in (("paths", MAJOR if required else MINOR), ("webhooks", MINOR)):
        changes = document_changes("naps", made(section), made(section, requestBody=body))
        assert [(one.impact, one.place) for one in changes] == [(impact, f"#/{section}/~1naps/post/requestBody")]


def test_another_name_in_the_template_of_a_path_does_not_hide_what_changed_in_it() -> None:
    def made(name: str, *, required: bool) -> Document:
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "q", "in": "query", "required": required, "schema": {"type": "string"}},
        ]
        operation = {"parameters": parameters, "responses": {"204": {"description": "x."}}}
        info = {"title": "Naps", "version": "1"}
        return Document.parse(
            json.dumps({"openapi": "3.1.0", "info": info, "paths": {f"/naps/{{{name}}}": {"get": operation}}}), "naps"
        )

    before = made("id", required=False)
    assert worst(list(document_changes("naps", before, made("nap", required=False)))) is PATCH
    assert worst(list(document_changes("naps", before, made("nap", required=True)))) is MAJOR


def test_the_security_of_the_whole_document_is_that_of_its_operations() -> None:
    def made(security: list[dict[str, list[str]]], section: str) -> Document:
        return Document.parse(
            json.dumps(
                {
                    "openapi": "3.1.0",
                    "info": {"title": "Naps", "version": "1"},
                    "security": security,
                    section: {"/naps": {"post": {"responses": {"204": {"description": "x."}}}}},
                    "components": {"securitySchemes": {"Key": {"type": "apiKey", "name": "x-key", "in": "header"}}},
                }
            ),
            "naps",
        )

    for section, with_key, without in (("paths", MAJOR, MINOR), ("webhooks", MINOR, MAJOR)):
        free, locked = made([], section), made([{"Key": []}], section)
        assert worst(list(document_changes("naps", free, locked))) is with_key
        assert worst(list(document_changes("naps", locked, free))) is without
