"""The three bodies that are decoded, all made by the sandbox."""

from __future__ import annotations

from dataclasses import replace

from sleeptalk_contract.contract.time_zones import timezone_named
from sleeptalk_contract.sandbox.answers import encode
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS, SandboxNight
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from sleeptalk_contract.services.phonexia.sandbox.speech import Channel, Segment

FULL_NIGHT_EPOCHS = 960
"""Eight hours in epochs of 30 s."""


def full_night() -> SandboxNight:
    """Return eight hours with four stages and breathing analysis: a night of the sandbox, repeated to that length."""
    night = SCENARIOS["four-stages"]
    stages, breathing = night.sleep_stages or (), night.osa_stages or ()
    times = -(-FULL_NIGHT_EPOCHS // len(stages))
    return replace(
        night,
        sleep_stages=(stages * times)[:FULL_NIGHT_EPOCHS],
        osa_stages=(breathing * times)[:FULL_NIGHT_EPOCHS],
    )


def session_body(session_id: str = full_night().session_id) -> bytes:
    """Return the 200 body of a full night, which begins when its id says."""
    zone = timezone_named("Asia/Seoul")
    if zone is None:
        raise ValueError("Asia/Seoul is not in the time zone database.")
    return encode(
        {"detail": "ok", "result": replace(full_night(), session_id=session_id).as_result("Asia/Seoul", zone)}
    )


def analysis_body() -> bytes:
    """Return the 200 body of a call of ten minutes with two channels, in which every third turn is an interruption."""
    turns = [
        (turn * 6.0 - (0.75 if turn % 3 == 0 else -0.5) * (turn > 0), turn * 6.0 + 6.0 - 0.25 * (turn % 4))
        for turn in range(100)
    ]
    speakers = [Channel(tuple(Segment(*turn) for turn in turns[side::2]), 2400) for side in (0, 1)]
    call = replace(CALLS["done-stereo"], channels=tuple(speakers), total_duration=600.0)
    return encode(call.as_body(call.task_id))


def callback_body() -> bytes:
    """Return the body of the SESSION_COMPLETE of a full night."""
    return deliveries(full_night())[-1].body
