"""The deliveries of a sender, and how they are sent to a receiver.

A receiver has a few seconds to answer. A delivery that is not accepted is tried a few times before the next one: order
is kept, and deliveries never overlap. A `Manner` makes a sender that is harder to receive from.
"""

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
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


@dataclass(frozen=True, slots=True)
class Manner:
    """How a sender delivers.

    - `redeliver`: how many more times each delivery is sent, at once after the first, although it was accepted.
    - `reorder`: the seed of a random order of the deliveries; None keeps theirs.
    - `burst`: how many are sent at the same time; the next ones follow when all of them are answered.
    """

    redeliver: int = 0
    reorder: int | None = None
    burst: int = 1

    def planned(self, deliveries: Iterable[Delivery]) -> list[Delivery]:
        """Return what is sent, in its order."""
        planned = [delivery for delivery in deliveries for _ in range(self.redeliver + 1)]
        if self.reorder is not None:
            random.Random(self.reorder).shuffle(planned)  # noqa: S311  # an order, not a secret
        return planned


PLAIN_MANNER = Manner()


def send(
    deliveries: Iterable[Delivery],
    url: str,
    *,
    speed: float | None = None,
    timeout: float = TIMEOUT_SECONDS,
    attempts: int = ATTEMPTS,
    retry_pause: float = RETRY_PAUSE_SECONDS,
    manner: Manner = PLAIN_MANNER,
) -> Iterator[Receipt]:
    """Post deliveries one after another; yields the receipt of each as soon as it is known.

    `speed` is how many times faster than in their scenario they are sent (60: five minutes become five seconds); None
    sends each as soon as the one before was answered. An answer must come whole within `timeout` seconds. A delivery
    that is not answered 2xx is sent again, up to `attempts` times in all, `retry_pause` seconds later. With a short
    `timeout` it is an impatient sender. `manner` has the other ways to be hard to receive from.

    Raises ValueError for an address that cannot be posted to.
    """
    if not is_address(url):
        raise ValueError("The receiver's address cannot be posted to: write http://host:port or https://host.")
    wires = [Wire(url, timeout) for _ in range(manner.burst)]
    try:
        second = 0
        planned = manner.planned(deliveries)
        for start in range(0, len(planned), manner.burst):
            group = planned[start : start + manner.burst]
            if speed is not None:
                time.sleep(max(0, group[0].second - second) / speed)
                second = group[0].second
            yield from _deliver_at_once(group, url, wires, attempts, retry_pause)
    finally:
        for wire in wires:
            wire.close()


def _deliver_at_once(
    group: Sequence[Delivery], url: str, wires: Sequence[Wire], attempts: int, retry_pause: float
) -> Iterator[Receipt]:
    if len(group) == 1:
        yield _deliver(group[0], url, wires[0], attempts, retry_pause)
        return
    with ThreadPoolExecutor(len(group)) as threads:
        yield from threads.map(
            lambda each: _deliver(each[0], url, each[1], attempts, retry_pause), zip(group, wires, strict=False)
        )


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
