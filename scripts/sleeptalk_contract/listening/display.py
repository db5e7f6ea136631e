"""Deliveries as they come in, for whoever watches: a line each, and a line for each rule that it breaks."""

from __future__ import annotations

from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from sleeptalk_contract.contract.catalogue import catalogue
from sleeptalk_contract.contract.redaction import printable, redacted, shortened

if TYPE_CHECKING:
    from rich.console import Console

    from sleeptalk_contract.contract.exchange import Breach
    from sleeptalk_contract.listening.delivery import Reply
    from sleeptalk_contract.listening.forwarding import Forwarded
    from sleeptalk_contract.listening.session import Judged

_LONGEST: Final = 200
_ACCEPTED: Final = range(200, 300)


class Display:
    """Prints on a console. Safe to use from several threads."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = Lock()

    def delivered(self, judged: Judged, reply: Reply, forwarded: Forwarded | None) -> None:
        """Show a delivery, what it breaks, what the user's receiver said to it, and what its sender is answered."""
        again = "" if judged.repeats is None else f", delivery {judged.repeats} again"
        refused = reply.status not in _ACCEPTED
        lines = [Text(f"{_now()} {judged.number} {_what(judged)}{again}: {reply.status}", "red" if refused else "")]
        lines += [_broken(breach) for breach in (*judged.verdict.breaches, *judged.verdict.beyond)]
        if forwarded is not None:
            lines.append(_receiver(forwarded))
        with self._lock:
            for line in lines:
                self._console.print(line, soft_wrap=True)

    def refused(self, method: str, answer: str) -> None:
        """Show a request that was no delivery."""
        with self._lock:
            self._console.print(Text(f"{_now()} {_clean(method)} answered {answer}", "yellow"), soft_wrap=True)


def _now() -> str:
    return datetime.now().astimezone().strftime("%H:%M:%S")


def _what(judged: Judged) -> str:
    body = judged.exchange.request_json
    event, session = _text(body, "callback_event"), _text(_inner(body, "callback_data"), "session_id")
    named = event if event is not None else "a body that names no event"
    return _clean(named if session is None else f"{named} of {session}")


def _broken(breach: Breach) -> Text:
    rule = f"{breach.rule} ({catalogue()[breach.rule].level})" if breach.rule else "beyond the rules"
    style = "red" if breach.rule and catalogue()[breach.rule].level == "must" else "yellow"
    return Text(f"  {rule}: {_clean(f'{breach.where} {breach.message}'.strip())}", style)


def _receiver(forwarded: Forwarded) -> Text:
    if forwarded.failure:
        return Text(f"  the receiver {forwarded.failure}", "red")
    reply = forwarded.reply
    body = f": {_clean(reply.body.decode(errors='replace'))}" if reply.body else ""
    style = "" if reply.status in _ACCEPTED else "red"
    return Text(f"  the receiver answered {reply.status} after {forwarded.seconds:.2f} s{body}", style)


def _clean(text: str) -> str:
    """Give a text of the other side on one line: in a log, a line of its own could pass for one of ours."""
    return printable(redacted(shortened(text, _LONGEST))).replace("\r", "\\r").replace("\n", "\\n")


def _inner(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _text(value: Any, name: str) -> str | None:
    found = _inner(value, name)
    return found if isinstance(found, str) else None
