"""What generated requests are drawn from, as Hypothesis strategies.

The string formats of the document, so that generated values are what real ones are; and callback bodies that keep every
rule, from random stages: random JSON would hardly ever be a possible night.
"""

import string
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from sleeptalk_contract.services.asleep.callbacks import CallbackFormat, body_of
from sleeptalk_contract.services.asleep.rules.timezones import EVERYWHERE
from sleeptalk_contract.services.asleep.sandbox.nights import (
    INVALID_OSA_STAGES,
    INVALID_SLEEP_STAGES,
    VALID,
    SandboxNight,
)

_RUNS: Final = 12
_LONGEST_RUN: Final = 40
_LETTERS: Final = string.ascii_lowercase + string.digits

# Hypothesis wants bounds without a zone; one is added where a moment is drawn.
_FIRST: Final = datetime(2020, 1, 1)  # noqa: DTZ001  # see above
_LAST: Final = datetime(2035, 1, 1)  # noqa: DTZ001  # see above
_moments = st.datetimes(_FIRST, _LAST).map(lambda moment: moment.replace(microsecond=0))
_offsets = st.integers(-11 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


def _text(alphabet: str, length: int) -> SearchStrategy[str]:
    return st.text(alphabet, min_size=length, max_size=length)


FORMATS: Final[dict[str, SearchStrategy[str]]] = {
    "session-id": st.builds("{:%Y%m%d%H%M%S}_{}".format, _moments, _text(_LETTERS, 5)),
    "user-id": st.builds("G-{:%Y%m%d%H%M%S}-{}".format, _moments, _text(string.ascii_letters + string.digits, 20)),
    "iana-timezone": st.sampled_from(EVERYWHERE),
    "date-time": st.builds(lambda moment, zone: moment.replace(tzinfo=zone).isoformat(), _moments, _offsets),
}
"""Each format of the document that JSON Schema leaves open, or draws wider than the contract does."""


@st.composite
def callback_bodies(draw: st.DrawFn, written: CallbackFormat, user_id: str) -> dict[str, Any]:
    """Draw one callback of a random night in one of the forms of its version: a window of it or its end."""
    start = draw(_moments).replace(tzinfo=UTC)
    two_stages = draw(st.booleans())
    stages = _stages(draw, (-1, 0, 1) if two_stages else (-1, 0, 1, 2, 3))
    breathing = draw(st.booleans())
    night = SandboxNight(
        name="generated",
        summary="generated",
        session_id=f"{start:%Y%m%d%H%M%S}_{draw(st.from_regex('[a-z0-9]{5}', fullmatch=True))}",
        validity=draw(st.sampled_from((VALID, VALID, VALID, INVALID_OSA_STAGES, INVALID_SLEEP_STAGES))),
        sleep_stages=stages,
        osa_stages=_stages(draw, (-1, 0, 1), len(stages)) if breathing else None,
        leftover=draw(st.integers(0, 29)),
        two_stages=two_stages,
        user_id=user_id,
    )
    made = written.deliver(night, timezone=draw(st.sampled_from(EVERYWHERE)))
    body = body_of(made[-1] if draw(st.booleans()) else draw(st.sampled_from(made)))
    others = list(written.other_forms(body))
    return draw(st.sampled_from([body, *others]))


def _stages(draw: st.DrawFn, values: tuple[int, ...], length: int | None = None) -> tuple[int, ...]:
    """Draw stages in runs, as they come in a night; cut or filled to `length`."""
    runs = draw(st.lists(st.tuples(st.sampled_from(values), st.integers(1, _LONGEST_RUN)), min_size=1, max_size=_RUNS))
    stages = tuple(stage for stage, count in runs for _ in range(count))
    if length is None:
        return stages
    return (stages * (length // len(stages) + 1))[:length]
