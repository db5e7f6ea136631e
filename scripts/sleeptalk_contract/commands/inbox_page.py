"""What a receiver has stored, as a page for a terminal and as JSON. No body is in either but where it is asked for."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from sleeptalk_contract.contract.redaction import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sleeptalk.callback.durable.delivery import Counts, Entry, Stored

SHORT_ID: Final = 12
_STYLES: Final = {"running": "cyan", "done": "green", "dead": "red"}
_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def page(counts: Counts, entries: Sequence[Entry], now: dt.datetime) -> Group:
    """Return the counts and a table of callbacks."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Id", "State", "Event", "Session", "Window", "Tries", "Received", "Then"):
        table.add_column(
            heading, justify="right" if heading in ("Window", "Tries") else "left", no_wrap=heading == "Id"
        )
    for entry in entries:
        cells = (entry.state, entry.event, entry.session_id or "-", entry.window or "-", str(entry.attempt))
        table.add_row(
            entry.id[:SHORT_ID],
            *(Text(escaped(cell), _STYLES.get(cell, "")) for cell in cells),
            f"{age((now - entry.received).total_seconds())} ago",
            _then(entry, now),
        )
    return Group(Text(summary(counts), style="bold"), *([table] if entries else []))


def summary(counts: Counts) -> str:
    """Return the counts in a line."""
    oldest = "" if counts.oldest_seconds is None else f"; the oldest came {age(counts.oldest_seconds)} ago"
    return f"{counts.waiting} waiting, {counts.running} running, {counts.done} done, {counts.dead} dead{oldest}"


def _then(entry: Entry, now: dt.datetime) -> str:
    if entry.finished is not None:
        return f"{entry.state} {age((now - entry.finished).total_seconds())} ago"
    if entry.due is not None:
        return f"again in {age(max(0.0, (entry.due - now).total_seconds()))}"
    return ""


def age(seconds: float) -> str:
    """Return a time in its largest whole unit."""
    size, unit = next((each for each in _UNITS if seconds >= each[0]), _UNITS[-1])
    return f"{seconds / size:.0f} {unit}"


def details(stored: Stored, *, body: bool) -> str:
    """Return all that is known of a callback, one line per fact, and its body where it is asked for."""
    facts = entry_as_json(stored.entry)
    error = facts.pop("error")
    lines = [f"{name.replace('_', ' ')}: {'-' if value is None else value}" for name, value in facts.items()]
    if stored.body is None:
        lines.append("body: blanked")
    elif body:
        lines += [f"headers: {stored.headers}", f"body: {stored.body.decode()}"]
    else:
        lines.append(f"body: {len(stored.body)} bytes; --body shows it")
    if error is not None:
        lines += ["error:", *error.splitlines()]
    return "\n".join(map(escaped, lines))


def entry_as_json(entry: Entry) -> dict[str, Any]:
    """Return an entry with its times as text, in UTC."""
    return {
        name: value.isoformat() if isinstance(value, dt.datetime) else value for name, value in asdict(entry).items()
    }


def stored_as_json(stored: Stored, *, body: bool) -> dict[str, Any]:
    """Return an entry, with its headers and its body as text where they are asked for."""
    facts = entry_as_json(stored.entry)
    if body:
        facts["headers"] = None if stored.headers is None else json.loads(stored.headers)
        facts["body"] = None if stored.body is None else stored.body.decode()
    return facts
