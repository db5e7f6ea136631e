"""Why a field of a night is null: the reasons, and what the null rules of every version have in common."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from sleeptalk.errors import UnknownField
from sleeptalk_generated.asleep.models import SleepStage
from sleeptalk_generated.types import UnsetType

if TYPE_CHECKING:
    from collections.abc import Sequence


class NullReason(StrEnum):
    """Why a field is null. The value is the name, fit for a log or an API of your own; `sentence` is for people."""

    NOT_COMPLETE = "NOT_COMPLETE"
    """The session has not been analysed to the end: its state is not COMPLETE, or its validity still IN_PROGRESS."""
    INVALID = "INVALID"
    """The night is not VALID: too short, too much of it not analysed, or another reason that its validity gives."""
    NO_REAL_TIME = "NO_REAL_TIME"
    """The contract is without real-time analysis: a session that is OPEN has no stages yet."""
    TWO_STAGE = "TWO_STAGE"
    """The contract distinguishes only wake from sleep: there is no light, deep or REM sleep."""
    NO_BREATHING = "NO_BREATHING"
    """The contract does not include breathing analysis."""
    NEVER_SLEPT = "NEVER_SLEPT"
    """Every epoch of the night is wake."""
    NO_SNORING = "NO_SNORING"
    """There is no analysis of snoring. Only in data v3."""
    NO_SUCH_STAGE = "NO_SUCH_STAGE"
    """The stage that the latency is about does not occur in this night. Only in data v3."""
    NO_CYCLE = "NO_CYCLE"
    """The night has no whole sleep cycle. Only in data v3."""
    NOT_INTERRUPTED = "NOT_INTERRUPTED"
    """The recording ended as it should: it has no unexpected end. Only in data v3."""
    NOT_COMPUTED = "NOT_COMPUTED"
    """The document allows it to be missing where it was not computed or nothing arrived. Only in data v3."""
    NOT_IN_V2 = "NOT_IN_V2"
    """The night was converted from data v2, which does not have the field."""
    UNEXPLAINED = "UNEXPLAINED"
    """No documented rule makes the field null: the service breaks its contract."""

    @property
    def sentence(self) -> str:
        """The reason in English, for a person who looks at the night."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    NullReason.NOT_COMPLETE: "The night has not been analysed to the end yet.",
    NullReason.INVALID: "The recording is too short, or too much of it could not be analysed.",
    NullReason.NO_REAL_TIME: "The recording is still running, and this contract has it analysed only afterwards.",
    NullReason.TWO_STAGE: "This contract tells sleep from wake, but not light, deep and REM sleep apart.",
    NullReason.NO_BREATHING: "This contract does not include the analysis of breathing.",
    NullReason.NEVER_SLEPT: "No sleep was found in this night.",
    NullReason.NO_SNORING: "There is no analysis of snoring.",
    NullReason.NO_SUCH_STAGE: "The night has no sleep of this stage.",
    NullReason.NO_CYCLE: "The night has no whole sleep cycle.",
    NullReason.NOT_INTERRUPTED: "The recording was not interrupted.",
    NullReason.NOT_COMPUTED: "The service has not computed this.",
    NullReason.NOT_IN_V2: "The night was read in an older form, which does not have this.",
    NullReason.UNEXPLAINED: "The service left this out without a documented reason.",
}

Finding: TypeAlias = tuple[object, NullReason | None]
"""The value of a field, and why it is null if it is."""


def value_of(field: str, *places: Any) -> object:
    """Find the field in one of the places; a class stands for an object that is null, with all its fields.

    What is absent is None. Raises UnknownField.
    """
    for place in places:
        if isinstance(place, type):
            if field in names_of(place):
                return None
        elif field in names_of(type(place)):
            value = getattr(place, field)
            return None if isinstance(value, UnsetType) else value
    known = sorted(set().union(*(names_of(place if isinstance(place, type) else type(place)) for place in places)))
    raise UnknownField(f"There is no field {field!r}: ask for one of {', '.join(known)}.", field=field)


def names_of(kind: Any) -> frozenset[str]:
    """Return the names of the fields of a class."""
    return frozenset(attribute.name for attribute in attrs.fields(kind)) - {"detail", "response", "unknown"}


def never_slept(stages: Sequence[int] | None) -> bool:
    """Return whether each of the sleep stages, of which there is one, is wake."""
    return bool(stages) and all(stage == SleepStage.WAKE for stage in stages or ())
