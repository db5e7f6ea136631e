"""What is done once, or quickly, says the same as what it stands for."""

import random

import jsonschema_rs
import pytest

from sleeptalk_contract.contract.bodies import ReadBody
from sleeptalk_contract.contract.exchange import NOT_JSON, read_json
from sleeptalk_contract.judging.schema import without_implied_types
from tests.agreement.mutations import mutated
from tests.agreement.sides import SIDES
from tests.targets import target_named


@pytest.mark.parametrize("side", ["session", "session-v3", "analysis", "callback"])
def test_types_are_left_out_only_where_the_same_bodies_are_valid(side: str) -> None:
    operations = target_named(SIDES[side].target).operations
    schema = next(filter(None, (each.request_schema() or each.response_schema(200) for each in operations)))
    whole, quick = (
        jsonschema_rs.Draft202012Validator(each, validate_formats=True)
        for each in (schema, without_implied_types(schema))
    )
    rng = random.Random(side)
    bodies = [read_json(mutated(rng, SIDES[side].seeds)) for _ in range(300)]
    found = [(quick.is_valid(body), not list(whole.iter_errors(body))) for body in bodies if body is not NOT_JSON]
    assert {(True, True), (False, False)} == set(found)


def test_a_type_stays_where_the_enum_allows_more_or_names_are_meant() -> None:
    more = {"type": "string", "enum": ["a", 1]}
    names = {"properties": {"type": {"const": {"type": "integer", "enum": [1]}}, "enum": {"type": "null"}}}
    assert without_implied_types(more) == more
    assert without_implied_types(names) == names
    assert without_implied_types({"items": {"type": ["integer", "null"], "enum": [0, None]}}) == {
        "items": {"enum": [0, None]}
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [("0.93", "0.93"), ("0.930", "0.930"), ("0.12000000000000000001", "0.12000000000000000001"), ("34.0", "34.0")],
)
def test_numbers_are_compared_as_they_were_printed(text: str, shown: str) -> None:
    body = ReadBody(b'{"ratio":%s}' % text.encode())
    assert body.value == {"ratio": float(text)}
    assert str(body.exact["ratio"]) == shown


def test_a_body_whose_floats_say_what_was_printed_is_read_once() -> None:
    one, other = ReadBody(b'[0.5, 1, "1.50"]'), ReadBody(b"[0.50]")
    assert one.exact is one.value
    assert other.exact is not other.value
