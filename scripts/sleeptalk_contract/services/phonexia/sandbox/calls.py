"""The calls of the sandbox: one time analysis task for each state, kind of call and way to write what is not there.

Ids never change; the first two are those of the samples on the page Time Analysis: get result.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, Self

from sleeptalk_contract.services.phonexia.sandbox.speech import Channel, Segment, analyse

State = Literal["pending", "running", "rejected", "failed", "done", "cancelled"]
Availability = Literal["available", "expired", "rate-limited", "progressing"]

REJECTED = {"type": "task.validation-error", "message": "Task validation error.", "detail": []}
FAILED = {"type": "internal", "message": "Service error.", "detail": []}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One task of the sandbox: its state, the speech that was found, and the error where there was one.

    `channels` is empty unless the task is done; `numbers` are theirs, by default from 0 on. `unpopulated` holds what
    stands in the answer in place of a result or error that is not populated: None or {} by key; a key that is left out
    is absent. An `expired` task is
    answered 404, a `rate-limited` one 429; a `progressing` one is not `done` before it was asked for a few times.
    """

    name: str
    summary: str
    task_id: str
    state: State = "done"
    channels: tuple[Channel, ...] = ()
    numbers: tuple[int, ...] = ()
    total_duration: float = 0.0
    error: Mapping[str, Any] | None = None
    unpopulated: Mapping[str, Mapping[str, Any] | None] | None = None
    availability: Availability = "available"

    @cached_property
    def outcome(self) -> dict[str, Any]:
        """The answer's `result` and `error`, as far as they are present."""
        outcome: dict[str, Any] = dict(self.unpopulated or {})
        if self.state == "done":
            outcome["result"] = analyse(self.channels, self.total_duration, self.numbers)
        if self.error is not None:
            outcome["error"] = self.error
        return outcome

    def unfinished(self, state: State) -> Self:
        """Return the same task as it was in a state before it was done."""
        return replace(self, state=state, channels=(), error=None)

    def as_body(self, task_id: str) -> dict[str, Any]:
        """Return the body of a 200 to a request for `task_id`, which may be the id in capitals."""
        return {"task": {"task_id": task_id, "state": self.state}, **self.outcome}


def _speech(*stretches: tuple[float, float], phonemes: int) -> Channel:
    return Channel(tuple(Segment(start, end) for start, end in stretches), phonemes)


# Times are multiples of an eighth of a second, which floats hold exactly.
_OPERATOR = _speech(
    *((0.5, 6.25), (9.0, 13.5), (20.125, 24.0), (30.75, 38.5), (43.0, 47.125), (52.5, 57.0)),
    phonemes=310,
)
_CALLER = _speech((5.5, 8.625), (14.75, 19.0), (23.25, 29.5), (39.0, 43.375), (47.5, 51.25), phonemes=224)
_SILENCE = _speech(phonemes=0)

_CALLS = (
    Call(
        name="done-stereo",
        summary="done: operator and caller, with reactions and crosstalks of both",
        task_id="123e4567-e89b-12d3-a456-426614174000",
        channels=(_OPERATOR, _CALLER),
        total_duration=58.25,
    ),
    Call(
        name="pending-empty",
        summary="pending: result and error are {}",
        task_id="3fa85f64-5717-4562-b3fc-2c963f66afa6",
        state="pending",
        unpopulated={"result": {}, "error": {}},
    ),
    Call(
        name="done-mono",
        summary="done: one channel, error is null",
        task_id="db5008c0-7d00-49ea-be25-6896ded4c9fd",
        channels=(_OPERATOR,),
        total_duration=60,
        unpopulated={"error": None},
    ),
    Call(
        name="done-silent-channel",
        summary="done: nobody speaks in the second channel, error is {}",
        task_id="0826cf15-0146-480d-99ad-b711dcfce8c3",
        channels=(_CALLER, _SILENCE),
        total_duration=58.25,
        unpopulated={"error": {}},
    ),
    Call(
        name="done-silent-mono",
        summary="done: one channel in which nobody speaks",
        task_id="a14092e5-08c2-4386-8d7c-b291fb842053",
        channels=(_SILENCE,),
        total_duration=4.5,
    ),
    Call(
        name="done-without-reactions",
        summary="done: the caller only ever speaks while the operator speaks, so nobody reacts",
        task_id="3c366c6d-7994-43d5-8c77-08e272aa5b20",
        channels=(
            _speech((0.25, 21.5), phonemes=190),
            _speech((4.0, 5.125), (12.5, 13.25), (20.75, 23.0), phonemes=41),
        ),
        total_duration=24,
    ),
    Call(
        name="done-one-reaction",
        summary="done: one question and one answer, so the fastest reaction is the slowest",
        task_id="bb262e1c-1a51-4c0f-bb03-e1c4275b2886",
        channels=(_speech((0.0, 3.5), phonemes=30), _speech((4.875, 9.0), phonemes=38)),
        total_duration=9.5,
    ),
    Call(
        name="pending",
        summary="pending: result and error are absent",
        task_id="d7719187-2bc5-4dfb-bda4-778d768d3da0",
        state="pending",
    ),
    Call(
        name="pending-null",
        summary="pending: result and error are null",
        task_id="346f75e6-0678-47d4-8ecd-9e1d14c4a407",
        state="pending",
        unpopulated={"result": None, "error": None},
    ),
    Call(
        name="running",
        summary="running: result and error are absent",
        task_id="cb9fb284-c776-46c3-91ed-3bd4d52ce85f",
        state="running",
    ),
    Call(
        name="running-null",
        summary="running: result is {}, error is null",
        task_id="b3c86c9b-7ee4-4ca9-a5f5-a2964f63cd44",
        state="running",
        unpopulated={"result": {}, "error": None},
    ),
    Call(
        name="rejected",
        summary="rejected: result is absent",
        task_id="60bac3df-e084-44d7-85a7-12d15c90e5da",
        state="rejected",
        error=REJECTED,
    ),
    Call(
        name="rejected-with-detail",
        summary="rejected: the detail says why, result is null",
        task_id="5d42a1e2-494d-46bf-b588-d96dd2e7d2eb",
        state="rejected",
        error={
            **REJECTED,
            "detail": [
                {
                    "location": ["file", "channels", 1],
                    "message": "The channel is shorter than the shortest that can be analysed.",
                    "type": "audio.too-short",
                    "context": {
                        "channel": 1,
                        "length": 0.25,
                        "codec": "pcm_s16le",
                        "truncated": False,
                        "channel_lengths": [4.5, 0.25],
                    },
                },
                {"location": ["file"], "message": "The audio cannot be analysed.", "type": "audio.unusable"},
            ],
        },
        unpopulated={"result": None},
    ),
    Call(
        name="failed",
        summary="failed: result is absent",
        task_id="80d14d08-be95-4f9b-8a3d-c57aa4077a29",
        state="failed",
        error=FAILED,
    ),
    Call(
        name="failed-empty",
        summary="failed: no detail, result is {}",
        task_id="321d11d7-15da-45e9-948a-0d9ee1bb45a0",
        state="failed",
        error={"type": "internal", "message": "Service error."},
        unpopulated={"result": {}},
    ),
    Call(
        name="expired",
        summary="404: the task was done once and has expired",
        task_id="7a9a440c-4fc9-4422-be26-e3b0d34cf9c6",
        availability="expired",
    ),
    Call(
        name="rate-limited",
        summary="429: one request in five seconds is more than it takes",
        task_id="022d7435-f706-4f4e-ab8b-735beaf61849",
        availability="rate-limited",
    ),
    Call(
        name="progressing",
        summary="pending when it is first asked for, running the next two times, done from then on",
        task_id="5a53c1ae-5d8e-4b53-9d0c-6a8a7f6b1c24",
        channels=(_OPERATOR, _CALLER),
        total_duration=58.25,
        availability="progressing",
    ),
)

CALLS: Mapping[str, Call] = {call.name: call for call in _CALLS}
"""Every call by the name of its scenario."""
