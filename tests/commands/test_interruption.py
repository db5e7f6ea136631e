"""Ctrl-C reaches a loop that takes no handlers of signals, as that of Windows."""

import asyncio
import signal
from collections.abc import Callable

from sleeptalk_contract.commands.interruption import on_signal

DEADLINE = 30.0


class WithoutHandlers(asyncio.SelectorEventLoop):
    def add_signal_handler(self, sig: int, callback: Callable[..., object], *args: object) -> None:
        raise NotImplementedError


def test_a_loop_without_handlers_of_signals_is_told_as_well() -> None:
    async def interrupted() -> None:
        told = asyncio.Event()
        on_signal(asyncio.get_running_loop(), signal.SIGINT, told.set)
        signal.raise_signal(signal.SIGINT)
        await asyncio.wait_for(told.wait(), DEADLINE)

    before = signal.getsignal(signal.SIGINT)
    try:
        with asyncio.Runner(loop_factory=WithoutHandlers) as runner:
            runner.run(interrupted())
    finally:
        signal.signal(signal.SIGINT, before)
