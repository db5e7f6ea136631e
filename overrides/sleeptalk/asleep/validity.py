"""Whether a night's analysis can be used: a text of the vendor's, read for the program that must decide."""

from __future__ import annotations

from enum import StrEnum


class ValidityStatus(StrEnum):
    """What a validity says, without its reason."""

    VALID = "VALID"
    IN_PROGRESS = "IN_PROGRESS"
    INVALID = "INVALID"
    UNKNOWN = "UNKNOWN"
    """The vendor has added a value; the text itself has it."""


class Validity(str):
    """The validity as it was sent, a str in every respect, with its meaning beside it.

    Documented are `VALID`, `IN_PROGRESS`, and `INVALID:` followed by a reason, with or without a space between. Any
    other text is kept. Source: vendor.md A.1.2.
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
