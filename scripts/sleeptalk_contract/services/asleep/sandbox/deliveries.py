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
from sleeptalk_contract.services.asleep.sandbox.nights import (
    DEFAULT_TIMEZONE,
    SANDBOX_API_KEY,
    VALID,
    SandboxNight,
)
from sleeptalk_contract.services.asleep.sandbox.statistics import EPOCH_SECONDS, timestamp

INFERENCE_COMPLETE = "INFERENCE_COMPLETE"
SESSION_COMPLETE = "SESSION_COMPLETE"
BLOCK_EPOCHS = 10  # five minutes: the uploads that one inference covers
WINDOW_BLOCKS = 4  # twenty minutes: what an inference gives back


class NightCallbacks:
    """A night as an implementation of its own: the answer to request number n (`count`) is callback number n.

    `len()` of it is the number of callbacks: none for a night without real-time analysis that is still OPEN.
    """

    def __init__(
        self, night: SandboxNight, *, api_key: str = SANDBOX_API_KEY, timezone: str = DEFAULT_TIMEZONE
    ) -> None:
        zone = timezone_named(timezone)
        if zone is None:
            raise ValueError(f"{timezone!r} is not an IANA timezone.")
        self.night = night
        self.credentials = {"x-api-key": api_key, "x-user-id": night.user_id}
        windows = len(night.sleep_stages or ()) // BLOCK_EPOCHS
        self._callbacks = [_window(night, number) for number in range(windows)]
        if night.state == "COMPLETE":
            self._callbacks.append(_completion(night, zone))

    def __len__(self) -> int:
        return len(self._callbacks)

    def answer(self, request: Request) -> Answer:
        """Return callback number `request.count`. Raises IndexError when there is none."""
        return Answer.encoded(0, {**self.credentials, **JSON_HEADERS}, encode(self._callbacks[request.count]))

    def event(self, number: int) -> str:
        """Return the event of callback `number`."""
        event: str = self._callbacks[number]["callback_event"]
        return event

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
    callbacks = NightCallbacks(night, api_key=api_key, timezone=timezone)
    faults = faults_of_group(faults, "callback")
    made = []
    for number in range(len(callbacks)):
        request = Request(implementation=callbacks, method="POST", path="/", count=number)
        answer = answer_with_faults(request, faults)
        delivery = Delivery(
            night.name,
            callbacks.event(number),
            callbacks.second(number),
            answer.headers,
            answer.content,
        )
        made.append(delivery)
    return made


def _window(night: SandboxNight, number: int) -> dict[str, Any]:
    """Return INFERENCE_COMPLETE number `number`: up to four blocks of ten epochs, the last being block `number`."""
    end = (number + 1) * BLOCK_EPOCHS
    window = slice(max(0, number + 1 - WINDOW_BLOCKS) * BLOCK_EPOCHS, end)
    return {
        "callback_event": INFERENCE_COMPLETE,
        "callback_data": {
            "user_id": night.user_id,
            "session_id": night.session_id,
            "seq_num": end - 1,  # uploads are counted from 0, one an epoch
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
