"""A clock that does not wait: a pause moves its hands on."""

import anyio.lowlevel

from sleeptalk.runtime.clock import Clock


class SkippingClock(Clock):
    """Runs as the system's clock does, and skips the pauses; `pauses` has their seconds."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return super().monotonic() + sum(self.pauses)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def sleep_async(self, seconds: float) -> None:
        await anyio.lowlevel.checkpoint()
        self.pauses.append(seconds)
