"""Deliveries as they come in, on the console: one line per delivery, and one per rule that it breaks."""

from __future__ import annotations

from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Final

from rich.text import Text

from sleeptalk_contract.contract.redaction import escaped, shortened
from sleeptalk_contract.judging.webhooks import target_meant
from sleeptalk_contract.reporting.grouping import grouped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from sleeptalk_contract.contract.service import Target
    from sleeptalk_contract.listening.delivery import Reply
    from sleeptalk_contract.listening.forwarding import Forwarded
    from sleeptalk_contract.listening.listener import Judged
    from sleeptalk_contract.reporting.grouping import Group

_LONGEST: Final = 300
_ACCEPTED: Final = range(200, 300)


class Display:
    """Prints on a console. Safe to use from several threads.

    `others` are the targets that deliveries may be meant for instead, which is said once for each.
    """

    def __init__(self, console: Console, target: Target, others: Sequence[Target] = ()) -> None:
        self._console = console
        self._target = target
        self._others = list(others)
        self._rules = target.rules
        self._lock = Lock()

    def delivered(self, judged: Judged, reply: Reply, forwarded: Forwarded | None) -> None:
        """Show a delivery, what it breaks, what the user's receiver answered, and what its sender is answered."""
        again = "" if judged.repeats is None else f", delivery {judged.repeats} again"
        refused = reply.status not in _ACCEPTED
        lines = [
            Text(f"{_now()} {judged.number} {self._what(judged)}{again}: {reply.status}", "red" if refused else "")
        ]
        lines += [self._broken(group) for group in grouped((*judged.verdict.breaches, *judged.verdict.beyond))]
        if forwarded is not None:
            lines.append(_receiver(forwarded))
        with self._lock:
            for line in (*lines, *self._meant(judged)):
                self._console.print(line, soft_wrap=True)

    def _meant(self, judged: Judged) -> list[Text]:
        """Say which other target a delivery is one of, where that has not been said."""
        meant = target_meant(self._target, self._others, judged.delivery.body) if judged.verdict.breaches else None
        if meant is None:
            return []
        self._others.remove(meant)
        what = f"a callback of {meant.version}" if meant.version else f"one that {meant.name} is sent"
        return [
            Text(f"  This is {what}, judged as {self._target.name}: use `sleeptalk listen {meant.name}`.", "yellow")
        ]

    def _what(self, judged: Judged) -> str:
        caption = self._target.caption(judged.exchange)
        return _clean("a body that names no event" if caption == "-" else caption)

    def _broken(self, group: Group) -> Text:
        level = self._rules[group.rule].level if group.rule else "should"
        rule = f"{group.rule} ({level})" if group.rule else "beyond the rules"
        style = "red" if level == "must" else "yellow"
        return Text(f"  {rule}: {_clean(group.sentence)}", style)

    def refused(self, method: str, answer: str) -> None:
        """Show a request that was not a delivery."""
        with self._lock:
            self._console.print(Text(f"{_now()} {_clean(method)} answered {answer}", "yellow"), soft_wrap=True)


def _now() -> str:
    return datetime.now().astimezone().strftime("%H:%M:%S")


def _receiver(forwarded: Forwarded) -> Text:
    if forwarded.failure:
        return Text(f"  the receiver {forwarded.failure}", "red")
    reply = forwarded.reply
    body = f": {_clean(reply.body.decode(errors='replace'))}" if reply.body else ""
    style = "" if reply.status in _ACCEPTED else "red"
    return Text(f"  the receiver answered {reply.status} after {forwarded.seconds:.2f} s{body}", style)


def _clean(text: str) -> str:
    """Return a text of the other side as one line, so that it cannot forge a line of ours."""
    return escaped(shortened(text, _LONGEST))
