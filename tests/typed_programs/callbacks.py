"""What a type checker infers of callbacks. It is read by type checkers and never run."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, assert_never, assert_type

from sleeptalk.asleep import SleepStage, epochs, why_null
from sleeptalk.asleep_v3 import Peculiarity
from sleeptalk.asleep_v3 import SleepStage as SleepStageV3
from sleeptalk.callback import (
    Accepted,
    Callback,
    Counts,
    Delivery,
    Inbox,
    InferenceComplete,
    InferenceCompleteData,
    SessionComplete,
    SessionCompleteData,
    SessionCompleteDataV2,
    SessionCompleteDataV3,
    UnknownCallback,
    asgi,
    inbox,
    parse,
)
from sleeptalk.drawing import hypnogram


def every_callback_is_one_of_three(body: bytes, headers: dict[str, str]) -> None:
    event = parse(body, headers, api_key="key")
    assert_type(event, InferenceComplete | SessionComplete | UnknownCallback)
    assert_type(event.raw, bytes)
    assert_type(event.headers, Mapping[str, str])
    assert_type(event.received, datetime)
    assert_type(event.identity, str)
    assert_type(event.subject.session_id, str | None)
    match event:
        case InferenceComplete() as window:
            assert_type(window.session_id, str)
            assert_type(window.window, int)
            for stage in window.sleep_stages:
                assert_type(stage, SleepStage | SleepStageV3)
        case SessionComplete() as night:
            assert_type(night.session_id, str)
            assert_type(night.start_time, datetime)
            if night.stat is not None:
                assert_type(night.stat.rem_ratio, float | None)
            why_null(night, "rem_ratio")
            assert_type(epochs(night)[0]["seconds"], int)
            hypnogram(night)
        case UnknownCallback(raw, name):
            assert_type(raw, bytes)
            assert_type(name, str)
        case _:
            assert_never(event)


def the_data_is_typed_by_its_version(event: InferenceComplete | SessionComplete) -> None:
    assert_type(event.version, Literal["V1", "V2", "V3"])
    match event:
        case InferenceComplete(InferenceCompleteData() as data):
            assert_type(data.stage_list, list[SleepStage])
        case SessionComplete(SessionCompleteData() as data):
            assert_type(data.sleep_data.rem_ratio, float | None)
            why_null(data, "rem_ratio")
        case SessionComplete(SessionCompleteDataV2() as data):
            assert_type(data.sleep_data.peculiarities, list[Peculiarity])
        case SessionComplete(SessionCompleteDataV3() as data):
            assert_type(data.session.created_timezone, str)
        case _:
            pass


def a_forgotten_kind_is_found(event: Callback) -> None:
    match event:
        case InferenceComplete() | SessionComplete():
            pass
        case _:
            assert_never(event)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def plainly(event: Callback) -> None:
    assert_type(event, Callback)


async def awaited(event: Callback) -> None:
    assert_type(event, Callback)


asgi(plainly, api_key=["old", "new"])
asgi(awaited)
asgi(lambda: None)  # type: ignore[arg-type, misc]  # pyright: ignore[reportArgumentType]


def a_delivery_says_which_it_is(callback: Callback, delivery: Delivery) -> None:
    assert_type(delivery.id, str)
    assert_type(delivery.attempt, int)
    assert_type(delivery.received, datetime)
    assert_type(delivery.revision_of, str | None)
    delivery.connection.execute("SELECT 1")


async def it_may_be_awaited(callback: Callback, delivery: Delivery) -> None:
    await delivery.connection.execute("SELECT 1")


class OwnQueue:
    async def put(self, accepted: Accepted, /) -> None:
        assert_type(accepted.callback.raw, bytes)


def report(counts: Counts) -> None:
    assert_type(counts.oldest_seconds, float | None)


assert_type(inbox(a_delivery_says_which_it_is, "sqlite:///callbacks.db", api_key="key", metrics=report), Inbox)
assert_type(inbox(it_may_be_awaited, store=OwnQueue(), api_key=["key", "next-key"]), Inbox)
