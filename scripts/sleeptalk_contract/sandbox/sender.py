"""The deliveries of a sender, and how they are sent to a receiver.

A receiver has a few seconds to answer. A delivery that is not accepted is tried a few times before the next one: order
is kept, and deliveries never overlap.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sleeptalk.runtime.options import is_address
from sleeptalk_contract.contract.address import authorization, request_target
from sleeptalk_contract.contract.service import Delivery
from sleeptalk_contract.contract.wire import Wire

ATTEMPTS = 3
RETRY_PAUSE_SECONDS = 0.25
TIMEOUT_SECONDS = 5.0
_ACCEPTED = range(200, 300)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The final answer of the receiver to a delivery.

    `status` is that of the last answer; None where there was none, and `failure` is then "connection" (refused or
    dropped) or "timeout". `attempts` counts every time that it was sent. `seconds` is how long the last attempt took.
    """

    delivery: Delivery
    status: int | None
    attempts: int
    seconds: float
    failure: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether the receiver answered 2xx."""
        return self.status is not None and self.status in _ACCEPTED


def send(
    deliveries: Iterable[Delivery],
    url: str,
    *,
    speed: float | None = None,
    timeout: float = TIMEOUT_SECONDS,
    attempts: int = ATTEMPTS,
    retry_pause: float = RETRY_PAUSE_SECONDS,
) -> Iterator[Receipt]:
    """Post deliveries one after another; yields the receipt of each as soon as it is known.

    `speed` is how many times faster than in their scenario they are sent (60: five minutes become five seconds); None
    sends each as soon as the one before was answered. An answer must come whole within `timeout` seconds. A delivery
    that is not answered 2xx is sent again, up to `attempts` times in all, `retry_pause` seconds later.

    Raises ValueError for an address that cannot be posted to.
    """
    if not is_address(url):
        raise ValueError("The receiver's address cannot be posted to: write http://host:port or https://host.")
    wire = Wire(url, timeout)
    try:
        second = 0
        for delivery in deliveries:
            if speed is not None:
                time.sleep(max(0, delivery.second - second) / speed)
                second = delivery.second
            yield _deliver(delivery, url, wire, attempts, retry_pause)
    finally:
        wire.close()


def _deliver(delivery: Delivery, url: str, wire: Wire, attempts: int, retry_pause: float) -> Receipt:
    receipt = _post(delivery, url, wire, attempt=1)
    while not receipt.accepted and receipt.attempts < attempts:
        time.sleep(retry_pause)
        receipt = _post(delivery, url, wire, attempt=receipt.attempts + 1)
    return receipt


def _post(delivery: Delivery, url: str, wire: Wire, attempt: int) -> Receipt:
    headers = {**delivery.headers, **authorization(url)}
    sent = [
        (name, value.encode().decode("latin-1")) for name, value in headers.items()
    ]  # as UTF-8, even where HTTP would not allow it
    answer = wire.exchange("POST", request_target(url), sent, delivery.body)
    return Receipt(delivery, answer.status, attempt, answer.seconds, answer.failure)
