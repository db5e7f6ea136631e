"""The deliveries of a sender, and how they are sent to a receiver.

A receiver has a few seconds to answer. A delivery that is not accepted is tried a few times before the next one: order
is kept, nothing is sent twice at once.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import httpx

from sleeptalk_contract.contract.service import Delivery

ATTEMPTS = 3
RETRY_PAUSE_SECONDS = 0.25
TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the receiver answered to a delivery in the end.

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
        return self.status is not None and httpx.codes.is_success(self.status)


def send(
    deliveries: Iterable[Delivery],
    url: str,
    client: httpx.Client,
    *,
    speed: float | None = None,
    attempts: int = ATTEMPTS,
    retry_pause: float = RETRY_PAUSE_SECONDS,
) -> Iterator[Outcome]:
    """Post deliveries one after another; yields the outcome of each as soon as it is known.

    `speed` is how many times faster than in their scenario they are sent (60: five minutes become five seconds); None
    sends each as soon as the one before was answered. A delivery that is not answered 2xx is sent again, up to
    `attempts` times in all, `retry_pause` seconds later. Raises httpx.InvalidURL or httpx.UnsupportedProtocol for an
    address that cannot be posted to.
    """
    second = 0
    for delivery in deliveries:
        if speed is not None:
            time.sleep(max(0, delivery.second - second) / speed)
            second = delivery.second
        yield _deliver(delivery, url, client, attempts, retry_pause)


def _deliver(delivery: Delivery, url: str, client: httpx.Client, attempts: int, retry_pause: float) -> Outcome:
    outcome = _post(delivery, url, client, attempt=1)
    while not outcome.accepted and outcome.attempts < attempts:
        time.sleep(retry_pause)
        outcome = _post(delivery, url, client, attempt=outcome.attempts + 1)
    return outcome


def _post(delivery: Delivery, url: str, client: httpx.Client, attempt: int) -> Outcome:
    started = time.monotonic()
    status, failure = None, None
    headers = [(name.encode(), value.encode()) for name, value in delivery.headers.items()]  # as UTF-8, whatever it is
    try:
        status = client.post(url, content=delivery.body, headers=headers).status_code
    except httpx.TimeoutException:
        failure = "timeout"
    except httpx.UnsupportedProtocol:
        raise
    except httpx.TransportError:
        failure = "connection"
    return Outcome(delivery, status, attempt, time.monotonic() - started, failure)
