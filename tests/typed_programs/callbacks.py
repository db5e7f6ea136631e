"""What a type checker infers of callbacks. It is read by type checkers and never run."""

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never, assert_type

from sleeptalk.asleep import SleepStage, why_null
from sleeptalk.callback import Callback, InferenceComplete, SessionComplete, UnknownCallback, asgi, parse


def every_callback_is_one_of_three(body: bytes, headers: dict[str, str]) -> None:
    event = parse(body, headers, api_key="key")
    assert_type(event, InferenceComplete | SessionComplete | UnknownCallback)
    assert_type(event.raw, bytes)
    assert_type(event.headers, Mapping[str, str])
    assert_type(event.received, datetime)
    assert_type(event.identity, str)
    assert_type(event.subject.session_id, str | None)
    match event:
        case InferenceComplete(data):
            assert_type(data.stage_list, list[SleepStage])
        case SessionComplete(data):
            assert_type(data.sleep_data.rem_ratio, float | None)
            why_null(data, "rem_ratio")
        case UnknownCallback(raw, name):
            assert_type(raw, bytes)
            assert_type(name, str)
        case _:
            assert_never(event)


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
