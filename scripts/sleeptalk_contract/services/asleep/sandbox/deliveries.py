"""A night as the callbacks that Asleep sends for it, in their order.

First one INFERENCE_COMPLETE for every five minutes of sound that were uploaded and analysed, then, once the whole night
is COMPLETE, SESSION_COMPLETE. Source: Callback, 1.3; Asleep Webhook Reference.
"""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from sleeptalk_contract.contract.service import Delivery, Fault
from sleeptalk_contract.contract.time_zones import timezone_named
from sleeptalk_contract.sandbox.answers import (
    JSON_HEADERS,
    Answer,
    Request,
    answer_with_faults,
    encode,
    faults_of_group,
)
from sleeptalk_contract.services.asleep.callbacks import INFERENCE_COMPLETE, SESSION_COMPLETE
from sleeptalk_contract.services.asleep.sandbox.nights import (
    DEFAULT_TIMEZONE,
    SANDBOX_API_KEY,
    VALID,
    SandboxNight,
)
from sleeptalk_contract.services.asleep.sandbox.statistics import EPOCH_SECONDS, timestamp

BLOCK_EPOCHS = 10  # five minutes: the uploads that one inference covers
WINDOW_BLOCKS = 4  # twenty minutes: what an inference gives back


class NightCallbacks:
    """A night as an implementation of its own: the answer to request number n (`count`) is callback number n.

    `callbacks` are its events, each with its body. `len()` of it is the number of callbacks: none for a night without
    real-time analysis that is still OPEN.
    """

    def __init__(self, night: SandboxNight, api_key: str, callbacks: Sequence[tuple[str, dict[str, Any]]]) -> None:
        self.night = night
        self.credentials = {"x-api-key": api_key, "x-user-id": night.user_id}
        self._callbacks = callbacks

    def __len__(self) -> int:
        return len(self._callbacks)

    def answer(self, request: Request) -> Answer:
        """Return callback number `request.count`. Raises IndexError when there is none."""
        return Answer.encoded(0, {**self.credentials, **JSON_HEADERS}, encode(self._callbacks[request.count][1]))

    def event(self, number: int) -> str:
        """Return the event of callback `number`."""
        return self._callbacks[number][0]

    def second(self, number: int) -> int:
        """Return when callback `number` becomes due, in seconds from the start of the recording."""
        if self.event(number) == INFERENCE_COMPLETE:
            return (number + 1) * BLOCK_EPOCHS * EPOCH_SECONDS
        return len(self.night.sleep_stages or ()) * EPOCH_SECONDS + self.night.leftover


def deliveries(
    night: SandboxNight,
    *,
    api_key: str = SANDBOX_API_KEY,
    timezone: str = DEFAULT_TIMEZONE,
    faults: Sequence[Fault] = (),
) -> list[Delivery]:
    """Return the deliveries of a night in their order, each as the faults of callback rules left it.

    Raises ValueError for a timezone that is not an IANA name.
    """
    zone = zone_of(timezone)
    made = [(INFERENCE_COMPLETE, _window(night, number)) for number in windows_of(night)]
    if night.state == "COMPLETE":
        made.append((SESSION_COMPLETE, _completion(night, zone)))
    return delivered(NightCallbacks(night, api_key, made), faults)


def zone_of(timezone: str) -> tzinfo:
    """Return a time zone by its IANA name. Raises ValueError for one that is not."""
    zone = timezone_named(timezone)
    if zone is None:
        raise ValueError(f"{timezone!r} is not an IANA timezone.")
    return zone


def windows_of(night: SandboxNight) -> range:
    """Return the numbers of the windows of a night, one per whole block."""
    return range(len(night.sleep_stages or ()) // BLOCK_EPOCHS)


def epochs_of_window(number: int) -> slice:
    """Return which epochs window `number` holds: up to four blocks of ten, the last being block `number`."""
    return slice(max(0, number + 1 - WINDOW_BLOCKS) * BLOCK_EPOCHS, (number + 1) * BLOCK_EPOCHS)


def last_upload(number: int) -> int:
    """Return the seq_num of window `number`: uploads are counted from 0, one an epoch."""
    return (number + 1) * BLOCK_EPOCHS - 1


def delivered(callbacks: NightCallbacks, faults: Sequence[Fault]) -> list[Delivery]:
    """Return the deliveries of a night, each as the faults of callback rules left it."""
    faults = faults_of_group(faults, "callback")
    made = []
    for number in range(len(callbacks)):
        request = Request(implementation=callbacks, method="POST", path="/", count=number)
        answer = answer_with_faults(request, faults)
        delivery = Delivery(
            callbacks.night.name,
            callbacks.event(number),
            callbacks.second(number),
            answer.headers,
            answer.content,
        )
        made.append(delivery)
    return made


def _window(night: SandboxNight, number: int) -> dict[str, Any]:
    """Return INFERENCE_COMPLETE number `number`."""
    window = epochs_of_window(number)
    return {
        "callback_event": INFERENCE_COMPLETE,
        "callback_data": {
            "user_id": night.user_id,
            "session_id": night.session_id,
            "seq_num": last_upload(number),
            "inference_seq_num": number,
            "stage_list": list((night.sleep_stages or ())[window]),
            "osa_stage_list": None if night.osa_stages is None else list(night.osa_stages[window]),
        },
    }


def _completion(night: SandboxNight, zone: tzinfo) -> dict[str, Any]:
    """Return SESSION_COMPLETE. The stages stay in an INVALID night's; everything that can be null is null."""
    if night.end is None or night.statistics is None:
        raise ValueError(f"{night.name} is not complete.")
    breathing = night.osa_stages if night.validity == VALID else None
    return {
        "callback_event": SESSION_COMPLETE,
        "callback_data": {
            "user_id": night.user_id,
            "session_id": night.session_id,
            "sleep_data": {
                "session_id": night.session_id,
                "state": night.state,
                "session_start_time": timestamp(night.start, zone),
                "session_end_time": timestamp(night.end, zone),
                "sleep_stages": list(night.sleep_stages or ()),
                "osa_stages": None if breathing is None else list(breathing),
                **night.statistics.as_json(zone),
            },
        },
    }
