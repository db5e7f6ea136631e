"""Whether a night's analysis can be used."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ValidityStatus(StrEnum):
    """The status of a validity, without its reason."""

    VALID = "VALID"
    IN_PROGRESS = "IN_PROGRESS"
    INVALID = "INVALID"
    UNKNOWN = "UNKNOWN"
    """A value that is not documented; the text itself has it."""

    @property
    def sentence(self) -> str:
        """The status in English, for a person who looks at the night."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    ValidityStatus.VALID: "The night was analysed, and its analysis can be used.",
    ValidityStatus.IN_PROGRESS: "The night has not been analysed yet.",
    ValidityStatus.INVALID: "Too much of the night could not be analysed, so that it has no statistics.",
    ValidityStatus.UNKNOWN: "The service says something about the night that is not documented.",
}


class Validity(str):
    """Whether a night's analysis can be used: a str, the text as it was sent, that also has its meaning.

    Documented are `VALID`, `IN_PROGRESS`, and `INVALID:` followed by a reason, with or without a space between. Any
    other text is kept. Source: Get Single Session, 2.1.1.
    """

    __slots__ = ()

    @property
    def status(self) -> ValidityStatus:
        """VALID, IN_PROGRESS or INVALID; UNKNOWN for any other text."""
        text = self.partition(":")[0].strip()
        return ValidityStatus(text) if text in ValidityStatus.__members__ else ValidityStatus.UNKNOWN

    @property
    def reason(self) -> str | None:
        """Why the night is INVALID, for example `TOO_MANY_DEFECTS_IN_SLEEP_STAGES`; None where no reason is given.

        The vendor's own spelling TOO_MANDY is read as TOO_MANY; the text itself keeps it.
        """
        reason = self.partition(":")[2].strip()
        return reason.replace("TOO_MANDY_", "TOO_MANY_") or None
