"""A night as the callbacks that Asleep sends for it in the formats V2 and V3, in their order.

Source: Callback (V2); Webhook (V3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.services.asleep.callbacks import INFERENCE_COMPLETE, SESSION_COMPLETE
from sleeptalk_contract.services.asleep.sandbox.deliveries import (
    NightCallbacks,
    delivered,
    epochs_of_window,
    last_upload,
    windows_of,
    zone_of,
)
from sleeptalk_contract.services.asleep.sandbox.nights import DEFAULT_TIMEZONE, SANDBOX_API_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sleeptalk_contract.contract.service import Delivery, Fault
    from sleeptalk_contract.services.asleep_v3.sandbox.nights import Night

Body = dict[str, Any]

_KEYS_OF_TABLES: Final = {"event": "callback_event", "version": "callback_version", "data": "callback_data"}


def deliveries_v2(
    night: Night,
    *,
    api_key: str = SANDBOX_API_KEY,
    timezone: str = DEFAULT_TIMEZONE,
    faults: Sequence[Fault] = (),
) -> list[Delivery]:
    """Return the deliveries of a night in V2, each as the faults of callback rules left it.

    Windows have `sleep_stages`, as the migration guide has it. Raises ValueError for a timezone that is not an IANA
    name.
    """

    def body(event: str, data: Body) -> Body:
        return {"callback_event": event, "callback_version": "V2", "callback_data": data}

    def completion(result: Body) -> Body:
        recorded = night.recorded
        return {"user_id": recorded.user_id, "session_id": recorded.session_id, "sleep_data": result}

    windows = (_window(night, number) for number in windows_of(night.recorded))
    made = [(INFERENCE_COMPLETE, body(INFERENCE_COMPLETE, data)) for data in windows]
    made += _ended(night, timezone, lambda result: body(SESSION_COMPLETE, completion(result)))
    return delivered(NightCallbacks(night.recorded, api_key, made), faults)


def deliveries_v3(
    night: Night,
    *,
    api_key: str = SANDBOX_API_KEY,
    timezone: str = DEFAULT_TIMEZONE,
    faults: Sequence[Fault] = (),
) -> list[Delivery]:
    """Return the deliveries of a night in V3, with the keys of the page's sample, as `deliveries_v2` does."""

    def body(event: str, data: Body) -> Body:
        return {"event": event, "version": "V3", "data": data}

    windows = (_window(night, number) | _snoring(night, number) for number in windows_of(night.recorded))
    made = [(INFERENCE_COMPLETE, body(INFERENCE_COMPLETE, data)) for data in windows]
    made += _ended(
        night, timezone, lambda result: body(SESSION_COMPLETE, {"user_id": night.recorded.user_id, **result})
    )
    return delivered(NightCallbacks(night.recorded, api_key, made), faults)


def other_forms_v2(body: Body) -> Iterator[Body]:
    """Yield a window with the name that the page of the callback has for its sleep stages."""
    if "sleep_stages" in body["callback_data"]:
        yield {**body, "callback_data": _with_stage_list(body["callback_data"])}


def other_forms_v3(body: Body) -> Iterator[Body]:
    """Yield a callback with the keys of the page's tables, and a window with their name for its stages, too."""
    of_tables = {_KEYS_OF_TABLES.get(name, name): value for name, value in body.items()}
    yield of_tables
    if "sleep_stages" in body["data"]:
        yield {**of_tables, "callback_data": _with_stage_list(body["data"])}


def _with_stage_list(data: Body) -> Body:
    return {"stage_list" if name == "sleep_stages" else name: value for name, value in data.items()}


def _window(night: Night, number: int) -> Body:
    """Return the data of INFERENCE_COMPLETE number `number`."""
    recorded, window = night.recorded, epochs_of_window(number)
    return {
        "user_id": recorded.user_id,
        "session_id": recorded.session_id,
        "seq_num": last_upload(number),
        "inference_seq_num": number,
        "sleep_stages": list((recorded.sleep_stages or ())[window]),
        "breath_stages": None if recorded.osa_stages is None else list(recorded.osa_stages[window]),
    }


def _snoring(night: Night, number: int) -> Body:
    return {"snoring_stages": list((night.snoring or ())[epochs_of_window(number)])}


def _ended(night: Night, timezone: str, body: Callable[[Body], Body]) -> list[tuple[str, Body]]:
    """Return the SESSION_COMPLETE of a COMPLETE night, made of its result; nothing before."""
    zone = zone_of(timezone)
    is_complete = night.recorded.state == "COMPLETE"
    return [(SESSION_COMPLETE, body(night.as_result(timezone, zone)))] if is_complete else []
