"""What `sleeptalk sandbox --callback-url` sends, and what it says about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.output import say
from sleeptalk_contract.contract.redaction import redacted
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.sandbox.sender import Manner, Receipt, send

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk_contract.contract.service import Delivery, Fault, Target


_KEY_REFUSALS: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What to send where: deliveries by label, how many times faster than they are due (None: no pauses), and how.

    With `has_own_key` they carry the sandbox's own key, and not one that the user has given.
    """

    url: str
    deliveries: Mapping[str, Sequence[Delivery]]
    speed: float | None
    timeout: float
    manner: Manner
    has_own_key: bool


def deliveries_of(
    senders: Sequence[Target],
    scenarios: Sequence[str],
    credentials: Mapping[str, str],
    faults: Sequence[Fault],
    timezone: str,
) -> dict[str, Sequence[Delivery]]:
    """Return what the senders send, of some scenarios or of all, by a label: the scenario's name.

    Of several senders the label has the target's name, too. Raises UsageError for a timezone that is not known.
    """
    labelled: dict[str, Sequence[Delivery]] = {}
    for sender in senders:
        try:
            made = {} if sender.deliveries is None else sender.deliveries(credentials, faults, timezone)
        except ValueError as error:
            raise UsageError(
                f"--callback-timezone {timezone!r} is not an IANA timezone: write it as Asia/Seoul."
            ) from error
        prefix = "" if len(senders) == 1 else f"{sender.name} "
        labelled |= {f"{prefix}{name}": made[name] for name in scenarios or made if name in made}
    return labelled


def send_all(callbacks: Callbacks) -> None:
    """Send the deliveries of each scenario; print a line for each scenario and for each that was not accepted."""
    say(f"\nCallbacks to {redacted(callbacks.url)}")
    answered = False
    refused = False
    for name, planned in callbacks.deliveries.items():
        if not planned:
            say(f"  {name}: has no callbacks")
            continue
        receipts: list[Receipt] = []
        for receipt in send(
            planned, callbacks.url, speed=callbacks.speed, timeout=callbacks.timeout, manner=callbacks.manner
        ):
            answered = answered or receipt.status is not None
            if not answered:
                raise UsageError(_unreachable(callbacks, receipt))
            receipts.append(receipt)
            refused = refused or receipt.status in _KEY_REFUSALS
            if not receipt.accepted:
                say(f"  {name} {len(receipts)} {receipt.delivery.event}: {_refusal(receipt)}")
        accepted = sum(receipt.accepted for receipt in receipts)
        say(f"  {name}: {accepted} of {len(receipts)} accepted")
    if refused and callbacks.has_own_key:
        say("They carry the key that the sandbox prints for its own: let the receiver expect it, or pass --api-key.")
    say("All callbacks were sent; the sandbox goes on serving.")


def _unreachable(callbacks: Callbacks, receipt: Receipt) -> str:
    if receipt.failure == "timeout":
        return f"The receiver at {callbacks.url} did not answer within {callbacks.timeout:g} s: check --callback-url."
    return f"No receiver answers at {callbacks.url}: start it first, or correct --callback-url."


def _refusal(receipt: Receipt) -> str:
    answer = receipt.failure if receipt.status is None else f"status {receipt.status}"
    return f"not accepted, {answer} after {receipt.attempts} attempts"
