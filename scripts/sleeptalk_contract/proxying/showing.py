"""How far a proxy has come, shown by a thread of its own: a terminal or a pipe that nobody reads stops no traffic."""

from __future__ import annotations

import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, Self

from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

    from sleeptalk_contract.proxying.feed import Feed
    from sleeptalk_contract.proxying.relay import Relay

_LOOK_EVERY_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 1.0


class Rolling:
    """A line that changes on a terminal, and everywhere a line for what matters: a rule that is broken, for example.

    A context manager, which shows for as long as the block lasts.
    """

    def __init__(self, console: Console, relay: Relay, feed: Feed) -> None:
        self._console = console
        self._relay = relay
        self._feed = feed
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._known: set[str] = set()
        self._has_died = False
        self._is_late = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._show_all, name="status", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(_PATIENCE_SECONDS)

    def say(self, sentence: str) -> None:
        """Show a sentence soon."""
        self._lines.put(sentence)

    def _show_all(self) -> None:
        with suppress(OSError, ValueError):  # nobody is left who could read it
            if not self._console.is_terminal:
                self._show(None)
                return
            with self._console.status("") as status:
                self._show(status)

    def _show(self, status: Status | None) -> None:
        is_over = False
        while not is_over:
            is_over = self._over.wait(_LOOK_EVERY_SECONDS)
            self._note()
            with suppress(Empty):
                while True:
                    self._console.print(Text(self._lines.get_nowait()), soft_wrap=True)
            if status is not None:
                status.update(Text(progress(self._relay, self._feed)))

    def _note(self) -> None:
        """Say what has happened since the last time."""
        for rule in self._feed.status.get("rules", []):
            if rule not in self._known:
                self._known.add(rule)
                self.say(f"{rule} is broken.")
        if self._feed.ended.is_set():
            if not self._has_died:
                self._has_died = True
                self.say("The process that judges has ended: what is passed on is not judged any more.")
        elif self._relay.unseen and not self._feed.has_room and not self._is_late:
            self._is_late = True
            self.say("The process that judges cannot keep up: some of what is passed on is not judged.")


def progress(relay: Relay, feed: Feed) -> str:
    """Return how many requests were passed on, and what became of them."""
    seen, unseen = feed.status["seen"], relay.unseen
    behind = max(0, relay.passed - unseen - seen)
    parts = [f"{behind} behind"] if not unseen else [f"{behind} behind", f"{unseen} unseen"]
    return f"{relay.passed} passed on, {seen} judged ({', '.join(parts)}), {feed.status['broken']} rules broken"
