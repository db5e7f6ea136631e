"""The string formats of Asleep's document as Hypothesis strategies, so that generated values are what real ones are."""

from __future__ import annotations

import string
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

from hypothesis import strategies

from sleeptalk_contract.services.asleep.rules.timezones import EVERYWHERE

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_FIRST: Final = datetime(2020, 1, 1)  # noqa: DTZ001  # a zone is added below; Hypothesis wants bounds without one
_LAST: Final = datetime(2026, 1, 1)  # noqa: DTZ001  # as above
_LETTERS: Final = string.ascii_lowercase + string.digits

_moments = strategies.datetimes(_FIRST, _LAST).map(lambda moment: moment.replace(microsecond=0))
_offsets = strategies.integers(-11 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


def _text(alphabet: str, length: int) -> SearchStrategy[str]:
    return strategies.text(alphabet, min_size=length, max_size=length)


FORMATS: Final[dict[str, SearchStrategy[str]]] = {
    "session-id": strategies.builds("{:%Y%m%d%H%M%S}_{}".format, _moments, _text(_LETTERS, 5)),
    "user-id": strategies.builds(
        "G-{:%Y%m%d%H%M%S}-{}".format, _moments, _text(string.ascii_letters + string.digits, 20)
    ),
    "iana-timezone": strategies.sampled_from(EVERYWHERE),
    "date-time": strategies.builds(lambda moment, zone: moment.replace(tzinfo=zone).isoformat(), _moments, _offsets),
}
"""Each format of the document that JSON Schema leaves open, or draws wider than the contract does."""
