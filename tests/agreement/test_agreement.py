"""Judge and readers agree: for each body either the judge and our client or receiver accept it, or both refuse it."""

import gzip
import json
import random
import re
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from typing import Final

import pytest
from starlette.types import Receive, Scope, Send

from sleeptalk.asleep import Asleep
from sleeptalk.errors import CallFailed
from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.wire import Wire
from sleeptalk_contract.sandbox.server import running
from tests.agreement.mutations import mutated
from tests.agreement.sides import SHAPE, SIDES, Side, disagreement
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER
from tests.targets import target_named

Spoil = Callable[[bytes], bytes]

BODIES: Final = 1500
"""Of each kind; `python -m tests.agreement 1000000` tries as many as one likes."""

SIDE = pytest.mark.parametrize("side", SIDES.values(), ids=SIDES)


@SIDE
def test_judge_and_reader_agree_about_mutated_bodies(side: Side) -> None:
    rng, judge = random.Random(1), side.judge()
    outcomes = {"read": 0, "refused": 0}
    for _ in range(BODIES):
        body = mutated(rng, side.seeds)
        assert disagreement(side, judge, body) == "", body
        outcomes["refused" if side.read(body).refusal else "read"] += 1
    assert min(outcomes.values()) > BODIES // 10, outcomes


DECISIONS: Final = [
    pytest.param(lambda body: b"\xef\xbb\xbf" + body, "byte order mark", id="a byte order mark"),
    pytest.param(lambda body: body.decode().encode("utf-16"), "UTF-8", id="UTF-16"),
    pytest.param(lambda _body: b"", "empty", id="an empty body"),
    pytest.param(lambda body: with_field(body, rb'"\ud800"'), "half of a surrogate pair", id="half a surrogate pair"),
    pytest.param(lambda body: with_field(body, rb'{"\udfff": 1}'), "half of a surrogate pair", id="one in a name"),
    pytest.param(lambda body: with_field(body, b'"\xff"'), "UTF-8", id="bytes that are not UTF-8"),
    pytest.param(lambda body: with_field(body, b"NaN"), "not JSON", id="NaN"),
    pytest.param(lambda body: with_field(body, b"-Infinity"), "not JSON", id="Infinity"),
    pytest.param(lambda body: with_field(body, b"[" * 100_000 + b"]" * 100_000), "too deeply", id="great depth"),
]
"""What is wrong in a field that is not documented, too, with the words of the judge."""

LIBERTIES: Final = [
    pytest.param(rb'"\ud83d\ude00"', id="a surrogate pair"),
    pytest.param(rb'"\\ud800"', id="a backslash and letters"),
    pytest.param(b"1e999", id="a number that no float can hold"),
    pytest.param(b"1e-99999999999999999999", id="a number that is nearly 0"),
    pytest.param(b"9" * 5000, id="a whole number of 5000 digits"),
    pytest.param(b"-0", id="minus zero"),
    pytest.param(b"[" * 300 + b"]" * 300, id="a depth of 300"),
    pytest.param(b'{"a":1,"a":2}', id="a repeated name"),
    pytest.param(b'{"":1}', id="an empty name"),
    pytest.param(rb'"\u0000"', id="a NUL"),
]
"""What may stand in a field that is not documented."""


def with_field(body: bytes, text: bytes) -> bytes:
    """Return a body with a field that is not documented."""
    return body[:-1] + b',"added":' + text + b"}"


@SIDE
@pytest.mark.parametrize(("spoil", "words"), DECISIONS)
def test_both_refuse(side: Side, spoil: Spoil, words: str) -> None:
    for seed in side.seeds:
        body = spoil(json.dumps(seed).encode())
        assert side.read(body).refusal
        shapes = [each for each in side.judge().judge(side.exchange(body)).breaches if each.rule in SHAPE]
        assert any(words in each.message for each in shapes)


@SIDE
@pytest.mark.parametrize("text", LIBERTIES)
def test_both_accept_in_a_field_that_is_not_documented(side: Side, text: bytes) -> None:
    for seed in side.seeds:
        plain = json.dumps(seed).encode()
        body = with_field(plain, text)
        assert side.read(body).refusal == ""
        judged, before = (side.judge().judge(side.exchange(each)) for each in (body, plain))
        assert judged.breaches == before.breaches


@pytest.mark.parametrize(
    ("text", "is_read"), [("1e999", False), ("9" * 400, False), ("1" + "0" * 300, True), ("-0", True)]
)
def test_a_documented_number_is_one_that_a_float_can_hold(text: str, is_read: bool) -> None:
    side = SIDES["callback"]
    written = json.dumps(next(seed for seed in side.seeds if "sleep_data" in seed["callback_data"]))
    body = re.sub(r'"estimated_ahi": [^,}]+', f'"estimated_ahi": {text}', written).encode()
    assert (side.read(body).refusal == "") is is_read
    broken = {each.rule for each in side.judge().judge(side.exchange(body)).breaches}
    assert ("callback.shape" in broken) is not is_read


@SIDE
@pytest.mark.parametrize("wrong_one", ["first", "last"])
def test_of_a_documented_name_that_stands_twice_the_last_value_counts(side: Side, wrong_one: str) -> None:
    for seed in side.seeds:
        name = next(iter(seed))
        right, wrong = json.dumps({name: seed[name]})[1:-1], json.dumps({name: [7]})[1:-1]
        others = [json.dumps({other: seed[other]})[1:-1] for other in seed if other != name]
        pair = [wrong, right] if wrong_one == "first" else [right, wrong]
        body = ("{" + ",".join([*pair, *others]) + "}").encode()
        is_refused = wrong_one == "last"
        assert (side.read(body).refusal != "") is is_refused
        assert bool(SHAPE & {each.rule for each in side.judge().judge(side.exchange(body)).breaches}) is is_refused


def test_there_is_no_year_0000() -> None:
    side = SIDES["session"]
    for seed in side.seeds:
        body = json.dumps(seed).replace(seed["result"]["session"]["start_time"], "0000-01-01T00:00:00+00:00").encode()
        assert side.read(body).refusal
        assert "session.timestamp-format" in {each.rule for each in side.judge().judge(side.exchange(body)).breaches}


@pytest.mark.parametrize("end", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
@SIDE
def test_a_time_at_an_end_of_the_calendar_is_judged_as_any_other(side: Side, end: str) -> None:
    for seed in side.seeds:
        body = re.sub(r'"\d{4}-\d\d-\d\dT[^"]*"', f'"{end}"', json.dumps(seed)).encode()
        side.judge().judge(side.exchange(body))
        assert not disagreement(side, side.judge(), body)


@pytest.mark.parametrize("value", ["34.0", "3.4e1", "3400e-2"])
def test_a_whole_number_may_be_written_with_a_fraction_or_an_exponent(value: str) -> None:
    side = SIDES["session"]
    body = re.sub(r'"time_in_deep": \d+', f'"time_in_deep": {value}', json.dumps(side.seeds[0])).encode()
    assert side.read(body).refusal == ""
    assert not SHAPE & {each.rule for each in side.judge().judge(side.exchange(body)).breaches}


def test_a_fraction_is_of_a_wrong_type_where_a_text_is_called_for() -> None:
    side = SIDES["session"]
    body = re.sub(r'"validity": "[A-Z:_]+"', '"validity": 0.5', json.dumps(side.seeds[0])).encode()
    assert side.read(body).refusal
    assert "session.shape" in {each.rule for each in side.judge().judge(side.exchange(body)).breaches}


@pytest.mark.parametrize(
    ("encoding", "encode", "is_read"),
    [
        ("gzip", gzip.compress, True),
        ("x-gzip", gzip.compress, True),
        ("identity", bytes, True),
        ("deflate", zlib.compress, False),
        ("br", zlib.compress, False),
        ("gzip, gzip", lambda body: gzip.compress(gzip.compress(body)), False),
        ("gzip", bytes, False),
        ("gzip", lambda body: gzip.compress(body)[:-9], False),
    ],
)
def test_an_answer_may_be_encoded_as_our_clients_ask_for(encoding: str, encode: Spoil, is_read: bool) -> None:
    body = json.dumps(example("SessionComplete"))

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-encoding", encoding.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": encode(body.encode())})

    with running(app) as server, Asleep(KEY, USER, base_url=server.url) as asleep:
        wire = Wire(server.url, 10)
        answer = wire.exchange("GET", "/", [("Accept-Encoding", "gzip")], None)
        wire.close()
        with nullcontext() if is_read else pytest.raises(CallFailed):
            asleep.get_session(SESSION)
    operation = target_named("asleep").operation("getSession")
    made = Exchange.sent(operation, "known-id", server.url, [], None, answer, path_parameters={"id": SESSION})
    broken = {each.rule for each in SIDES["session"].judge().judge(made).breaches}
    assert ("session.shape" in broken) is not is_read
