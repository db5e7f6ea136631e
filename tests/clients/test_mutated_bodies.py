"""Ten thousand mutated bodies: each is a correct typed object or an error of the family, and the documents agree."""

import json
import random
import types
import typing
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from typing import Any, Final

import attrs
import httpx
import jsonschema_rs
import pytest

from sleeptalk.asleep import Asleep, Night, Validity
from sleeptalk.errors import CallFailed, ContractViolation
from sleeptalk.phonexia import Phonexia, TimeAnalysisTask
from sleeptalk_contract.contract.document import document
from tests.clients.bodies import examples
from tests.clients.calling import KEY, SESSION, TASK, USER

BODIES: Final = 10_000
SHARDS: Final = 4

JUNK: Final[list[Any]] = [
    None, True, False, 0, -1, 7, 34.0, 0.5, -0.0, 1e300, 2**63, 2**200, "", "x", "2022-08-01T01:31:17+09:00",
    "2022-08-01T01:31:17Z", "2022-08-01T01:31:17", "0000-00-00T99:99:99+99:99", "OPEN", "수면", [], [0], [None], [[]],
    {}, {"state": "OPEN"}, {"x": {}},
]  # fmt: skip
JUNK_BYTES: Final = [b"\xff", b'"\\ud800"', b"NaN", b"Infinity", b"1e999", b"{", b"]", b"", b'"', b"\x00", b",,", b"01"]


def mutated(rng: random.Random, seeds: list[Any]) -> bytes:
    body = json.loads(json.dumps(rng.choice(seeds)))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 5))):
        mutate_value(rng, body)
    content = json.dumps(body, ensure_ascii=rng.random() < 0.5).encode()
    if rng.random() < 0.15:
        start = rng.randrange(len(content) + 1)
        content = content[:start] + rng.choice(JUNK_BYTES) + content[start + rng.randrange(4) :]
    return content[: rng.randrange(len(content) + 1)] if rng.random() < 0.05 else content


def mutate_value(rng: random.Random, body: Any) -> None:
    """Replace, remove, add or double one value anywhere in the body."""
    place = rng.choice([place for place in containers(body) if place] or [body])
    if not place:
        return
    key: Any = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
    match rng.randrange(4):
        case 0 if isinstance(place, dict):
            del place[key]
        case 1 if isinstance(place, dict):
            place[f"added_{rng.randrange(9)}"] = deepcopy(rng.choice(JUNK))
        case 2 if isinstance(place, list):
            place.extend(deepcopy(place[key]) for _ in range(rng.randrange(50)))
        case _:
            place[key] = deepcopy(rng.choice(JUNK))


def containers(value: Any) -> Iterator[Any]:
    if isinstance(value, (dict, list)):
        yield value
        for item in value.values() if isinstance(value, dict) else value[:3]:
            yield from containers(item)


def is_of(value: Any, expected: Any) -> bool:
    """Return whether a value is of its annotated type, to the last item: the independent check of what was decoded."""
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if origin in (typing.Union, types.UnionType):
        return any(is_of(value, argument) for argument in arguments)
    if origin is typing.Annotated:
        return is_of(value, arguments[0]) and value.tzinfo is not None
    if origin is list:  # the first test alone is quick enough for thousands of stages
        return type(value) is list and all(type(item) is arguments[0] or is_of(item, arguments[0]) for item in value)
    if origin is dict:
        return type(value) is dict and all(is_of(item, arguments[1]) for item in value.values())
    if attrs.has(expected):
        return isinstance(value, expected) and all(
            is_of(getattr(value, name), hint) for name, hint in hints_of(expected).items()
        )
    return type(value) is expected


@cache
def hints_of(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, include_extras=True, localns=LATE_NAMES)
    return {attribute.name: hints[attribute.name] for attribute in attrs.fields(kind)}


def late_names() -> dict[str, Any]:
    """Return the names that the classes import for type checkers alone."""
    import uuid

    from sleeptalk import phonexia
    from sleeptalk.runtime.response import Response

    names = ("TaskError", "TaskState", "TimeAnalysisResult")
    models = {name: getattr(phonexia, name) for name in names}
    return {**models, "Validity": Validity, "Response": Response, "UUID": uuid.UUID, "Mapping": dict}


LATE_NAMES: Final = late_names()

SHAPE_KEYWORDS: Final = {
    "$ref",
    "additionalProperties",
    "anyOf",
    "components",
    "items",
    "maxProperties",
    "properties",
    "required",
    "schemas",
    "type",
}


def shape_of(schema: Any) -> Any:
    """Return a schema without its rules about values: what is left are types, and the keys that must be there."""
    if isinstance(schema, list):
        return [shape_of(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    names = {"properties", "schemas"}
    return {
        key: {name: shape_of(part) for name, part in value.items()} if key in names else shape_of(value)
        for key, value in schema.items()
        if key in SHAPE_KEYWORDS
    }


def asked_for(service: str, schema: Any) -> Any:
    """Return a schema with the sentence that a schema cannot say: the answer is about the id that was asked for."""
    steps, identifier = (["result", "session", "id"], SESSION) if service == "asleep" else (["task", "task_id"], TASK)
    about: Any = {"const": identifier}
    for step in reversed(steps):
        about = {"properties": {step: about}}
    return {**schema, "allOf": [*schema.get("allOf", []), about]}


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("service", ["asleep", "phonexia"])
def test_a_mutated_body_is_a_typed_object_or_an_error_of_the_family(service: str, shard: int) -> None:
    rng = random.Random(f"{service} {shard}")
    seeds = list(examples("Session" if service == "asleep" else "TimeAnalysis", service).values())
    schema = (
        document(service).operation("getSession" if service == "asleep" else "getTimeAnalysis").response_schema(200)
    )
    assert schema is not None
    contract = jsonschema_rs.Draft202012Validator(asked_for(service, schema))
    shape = jsonschema_rs.Draft202012Validator(shape_of(schema))
    content = b""
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, content=content, headers={"content-type": "application/json"})
    )
    outcomes = {"typed": 0, "refused": 0}
    with httpx.Client(transport=transport) as http:
        asleep = Asleep(KEY, USER, base_url="http://127.0.0.1", http_client=http)
        phonexia = Phonexia("http://127.0.0.1", http_client=http)
        calls = {"asleep": (asleep.get_session, SESSION), "phonexia": (phonexia.get_time_analysis, TASK)}
        for _ in range(BODIES // SHARDS // 2):
            content = mutated(rng, seeds)
            got = outcome_of(*calls[service])
            if isinstance(got, CallFailed):
                outcomes["refused"] += 1
                assert isinstance(got, ContractViolation), content
                assert got.path.startswith("$"), content
                assert got.response is not None
                assert not is_valid(contract, content), f"refused although it keeps the contract: {content!r}"
            else:
                outcomes["typed"] += 1
                assert is_of(got, Night if service == "asleep" else TimeAnalysisTask), f"mistyped: {got!r}"
                assert is_valid(shape, content), f"accepted with a wrong shape: {content!r}"
    assert min(outcomes.values()) > BODIES // SHARDS // 2 // 10, outcomes


def is_valid(validator: Any, content: bytes) -> bool:
    try:
        return bool(validator.is_valid(json.loads(content)))
    except ValueError:  # no JSON
        return False


def outcome_of(call: Callable[[str], Any], argument: str) -> Any:
    try:
        return call(argument)
    except CallFailed as error:
        return error
