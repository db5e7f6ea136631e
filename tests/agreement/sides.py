"""What the two sides say of a body: the judge, and our own client or receiver."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sleeptalk.asleep import parse as parse_night
from sleeptalk.asleep_v3 import parse as parse_night_v3
from sleeptalk.callback import UnknownCallback
from sleeptalk.callback import parse as parse_callback
from sleeptalk.errors import CallbackError, ContractViolation
from sleeptalk.phonexia import parse as parse_task
from sleeptalk.runtime.decoding import read_json as read_result
from sleeptalk.runtime.response import Response
from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge, read_json
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.services.asleep.callbacks import (
    INFERENCE_COMPLETE,
    SESSION_COMPLETE,
    event_named,
    is_flat,
)
from sleeptalk_generated.asleep_v3.models import AverageStatsResponse, SessionListResponse, UserResponse
from tests.catalogues import catalogue
from tests.clients.bodies import examples
from tests.clients.calling import KEY, SESSION, TASK, USER
from tests.rules.exchanges import exchange
from tests.targets import target_named

SHAPE: Final = frozenset(rule.id for rule in catalogue().values() if rule.shape) | {"callback.json-body"}
"""The rules about what JSON is, and about which keys there are and of which type."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a body: why it refused it, "" where it did not; `unknown` for what is not documented."""

    refusal: str
    unknown: bool = False


@dataclass(frozen=True)
class Side:
    """A kind of body: bodies that are right, how it is judged, and how our own code reads it."""

    seeds: Sequence[Any]
    target: str
    exchange: Callable[[bytes], Exchange]
    read: Callable[[bytes], Reading]

    @cached_property
    def musts(self) -> frozenset[str]:
        """The must rules of the target."""
        return frozenset(rule.id for rule in target_named(self.target).rules.values() if rule.level == "must")

    def judge(self) -> Judge:
        """Return a judge without a history."""
        return Judge(target_named(self.target), Knowledge())


def read_answer(parse: Callable[[bytes], object], body: bytes) -> Reading:
    """Read the body of an answer as our clients do."""
    try:
        parse(body)
    except ContractViolation as error:
        return Reading(str(error))
    return Reading("")


def read_callback(body: bytes) -> Reading:
    """Read a callback as a receiver does."""
    try:
        callback = parse_callback(body, {"x-api-key": KEY}, api_key=KEY)
    except CallbackError as error:
        return Reading(str(error))
    return Reading("", unknown=isinstance(callback, UnknownCallback))


def _reader(kind: type[Any]) -> Callable[[bytes], Reading]:
    """Return what reads a body into a generated class, as the clients do."""

    def read(body: bytes) -> Reading:
        response = Response(status=200, headers={}, content=body, attempts=1, seconds=0.0)
        return read_answer(lambda _: read_result(response, kind), body)

    return read


def _answered(identifier: str, query: str = "", **path: str) -> Callable[[bytes], Exchange]:
    """Return what makes the exchange of an operation of data v3 with this body."""
    operation = target_named("asleep-v3").operation(identifier)
    headers = {"x-api-key": KEY, "x-user-id": USER}
    kind = (("content-type", "application/json"),)
    url = f"http://127.0.0.1/{query}"
    return lambda body: Exchange.sent(
        operation, "known-id", url, headers.items(), None, Answer(200, kind, body), path_parameters=path
    )


def _seeds(prefix: str, place: str) -> Sequence[Any]:
    """Return the examples of data v3 whose names begin so and whose results have such a part."""
    return [body for body in examples(prefix, "asleep-v3").values() if place in body["result"]]


def _delivered(target: str) -> Callable[[bytes], Exchange]:
    (operation,) = target_named(target).operations
    headers = {"x-api-key": KEY, "x-user-id": USER}
    return lambda body: Exchange.delivered(operation, "http://127.0.0.1/", headers.items(), body, Answer(204))


SIDES: Final[Mapping[str, Side]] = {
    "session": Side(
        list(examples("Session", "asleep").values()),
        "asleep",
        lambda body: exchange(body=body, identifier=SESSION),
        lambda body: read_answer(parse_night, body),
    ),
    "session-v3": Side(
        _seeds("Session", "session"),
        "asleep-v3",
        _answered("getSession", session_id=SESSION),
        lambda body: read_answer(parse_night_v3, body),
    ),
    "list": Side(
        _seeds("SessionList", "sleep_session_list"),
        "asleep-v3",
        _answered("listSessions"),
        _reader(SessionListResponse),
    ),
    "averages": Side(
        _seeds("AverageStats", "period"),
        "asleep-v3",
        _answered("getAverageStats", "?start_date=2025-01-01&end_date=2025-01-05", user_id=USER),
        _reader(AverageStatsResponse),
    ),
    "user": Side(
        _seeds("User", "to_be_deleted"),
        "asleep-v3",
        _answered("getUser", user_id=USER),
        _reader(UserResponse),
    ),
    "analysis": Side(
        list(examples("TimeAnalysis", "phonexia").values()),
        "phonexia",
        lambda body: exchange("phonexia", body=body, identifier=TASK),
        lambda body: read_answer(parse_task, body),
    ),
    "callback": Side(list(examples("Callback", "asleep").values()), "callback", _delivered("callback"), read_callback),
    "callback-v2": Side(
        list(examples("CallbackV2", "asleep-v3").values()), "callback-v2", _delivered("callback-v2"), read_callback
    ),
    "callback-v3": Side(
        list(examples("CallbackV3", "asleep-v3").values()), "callback-v3", _delivered("callback-v3"), read_callback
    ),
}


def disagreement(side: Side, judge: Judge, body: bytes) -> str:
    """Return how the two sides differ about a body; "" where they agree.

    Our readers are strict about shape and open about values: what they refuse breaks a must rule, and what they read
    has the right shape. An event that is not documented may come in any shape, and one that is in the flat form.
    """
    reading = side.read(body)
    verdict = judge.judge(side.exchange(body))
    broken = {breach.rule for breach in verdict.breaches} & side.musts
    if reading.refusal:
        return "" if broken else f"refused, though no must rule is broken: {reading.refusal}"
    if reading.unknown:
        value = read_json(body)
        is_documented = event_named(value) in {INFERENCE_COMPLETE, SESSION_COMPLETE} and not is_flat(value)
        is_known = is_documented and "callback.event-values" not in broken
        return "read as an unknown event, which the judge knows" if is_known else ""
    misshapen = [f"{each.rule} {each.location} {each.message}" for each in verdict.breaches if each.rule in SHAPE]
    return f"read, though of a wrong shape: {misshapen[0]}" if misshapen else ""
