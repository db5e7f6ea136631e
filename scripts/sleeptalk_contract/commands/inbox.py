"""`sleeptalk inbox`: what a durable receiver has stored, and the worker that handles it."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib
import logging
import os
import signal
import sys
import threading
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.live import Live
from rich.text import Text

from sleeptalk.callback import Inbox
from sleeptalk.callback.durable.delivery import STATES, Selection
from sleeptalk.callback.durable.stores import DEFAULT, VARIABLE, store_at
from sleeptalk.errors import SleeptalkError
from sleeptalk_contract.commands.inbox_page import details, entry_as_json, page, stored_as_json
from sleeptalk_contract.commands.interruption import on_signal
from sleeptalk_contract.commands.options import Seconds
from sleeptalk_contract.contract.output import say, write_json
from sleeptalk_contract.contract.redaction import escaped, redacted
from sleeptalk_contract.contract.screen import screen
from sleeptalk_contract.contract.usage import UsageError, one_line
from sleeptalk_contract.reporting.model import INTERRUPTED_CODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from sleeptalk.callback.durable.delivery import State, Stored
    from sleeptalk.callback.durable.stores import Store

_STORE: Final = click.option(
    "--store",
    "address",
    default=DEFAULT,
    show_default=True,
    envvar=VARIABLE,
    show_envvar=True,
    metavar="ADDRESS",
    help="Where the receiver keeps its callbacks: sqlite:///FILE or postgresql://...",
)
_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_SESSION: Final = click.option("--session", metavar="ID", help="Only those of this session.")
_USER: Final = click.option("--user", metavar="ID", help="Only those of this user.")
_SHORTEST_ID: Final = 4
_WIDE: Final = 200


@click.group()
def inbox() -> None:
    """Show and work on the callbacks that a receiver has stored.

    Exit codes: 0 done, 2 the store cannot be used or there is no such callback, 130 interrupted.
    """


@inbox.command(name="list")
@_STORE
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@_SESSION
@_USER
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many at most, newest first.")
@click.option("--watch", is_flag=True, help="Show the page again and again, until it is interrupted.")
@click.option("--interval", type=Seconds(), default=1.0, show_default=True, metavar="SECONDS", help="For --watch.")
@_JSON
def list_(
    *,
    address: str,
    state: State | None,
    session: str | None,
    user: str | None,
    limit: int,
    watch: bool,
    interval: float,
    as_json: bool,
) -> None:
    """Show how many callbacks wait, run, are done and dead, how old the oldest is, and the newest of them.

    Exit codes: 0 shown, 2 the store cannot be used, 130 interrupted.

    Example: sleeptalk inbox list --state dead
    """
    selection = Selection(state=state, session=session, user=user, limit=limit)
    with _sentences():
        store = store_at(address, create=False)
        if watch:
            if as_json:
                raise UsageError("--watch shows a page for people: leave out --json.")
            _watch(store, selection, interval)
        counts, entries = store.counts(), store.entries(selection)
    if as_json:
        write_json({**asdict(counts), "callbacks": [entry_as_json(entry) for entry in entries]})
    else:
        _console().print(page(counts, entries, _now()))


@inbox.command()
@click.argument("identity", metavar="ID")
@_STORE
@click.option("--body", is_flag=True, help="Show the body and the headers, too: they are health data.")
@_JSON
def show(*, identity: str, address: str, body: bool, as_json: bool) -> None:
    """Show one callback, by its id or the beginning of it: its state, its attempts, and why the last one failed.

    Exit codes: 0 shown, 2 the store cannot be used or there is no such callback, 130 interrupted.

    Example: sleeptalk inbox show 6f1c
    """
    with _sentences():
        stored = _found(store_at(address, create=False), identity)
    if as_json:
        write_json(stored_as_json(stored, body=body))
    else:
        say(details(stored, body=body))


@inbox.command()
@click.argument("identities", metavar="[ID]...", nargs=-1)
@_STORE
@click.option("--dead", is_flag=True, help="All that are dead.")
@_SESSION
@_USER
@_JSON
def retry(
    *, identities: tuple[str, ...], address: str, dead: bool, session: str | None, user: str | None, as_json: bool
) -> None:
    """Let dead callbacks be handled anew, and those that wait for their next attempt at once.

    Exit codes: 0 done, 2 the store cannot be used or there is no such callback, 130 interrupted.

    Example: sleeptalk inbox retry --dead
    """
    if not (identities or dead or session or user):
        raise UsageError("Say which callbacks: by ID, --dead, --session or --user.")
    with _sentences():
        store = store_at(address, create=False)
        selection = Selection(state="dead" if dead else None, session=session, user=user)
        if identities:
            ids = tuple(_found(store, identity).entry.id for identity in identities)
            selection = replace(selection, ids=ids)
        count = store.retry(selection)
    _tell(count, "retried", "to be handled again", as_json=as_json)


@inbox.command()
@_STORE
@_SESSION
@_USER
@_JSON
def purge(*, address: str, session: str | None, user: str | None, as_json: bool) -> None:
    """Remove all callbacks of a session or a user, whatever their state, and all that is known of them.

    Exit codes: 0 done, 2 the store cannot be used, 130 interrupted.

    Example: sleeptalk inbox purge --session ID
    """
    if not (session or user):
        raise UsageError("Say whose callbacks: --session or --user.")
    with _sentences():
        count = store_at(address, create=False).purge(Selection(session=session, user=user))
    _tell(count, "purged", "removed", as_json=as_json)


@inbox.command()
@click.argument("name", metavar="MODULE:NAME")
@click.option("--concurrency", type=click.IntRange(1), help="How many sessions at once; by default, as the inbox says.")
def work(*, name: str, concurrency: int | None) -> None:
    """Handle the callbacks of an inbox, the NAME in a MODULE of the working directory, without accepting any.

    The first SIGTERM or Ctrl-C lets what runs end, and leaves the rest; a second one ends it at once.

    Exit codes: 0 stopped, 2 the inbox or its store cannot be used, 130 interrupted.

    Example: sleeptalk inbox work receiver:inbox
    """
    app = _inbox_named(name)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)  # at INFO it has two lines per callback
    try:
        with _sentences():
            asyncio.run(_work(app, name, concurrency))
    except KeyboardInterrupt:
        say("sleeptalk: interrupted.", err=True)
        os._exit(INTERRUPTED_CODE)  # a handler may hang in a thread, for which the interpreter would wait


async def _work(app: Inbox, name: str, concurrency: int | None) -> None:
    stopped = asyncio.Event()
    loop, main = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        if stopped.is_set() and main is not None:
            main.cancel()
        elif not stopped.is_set():
            say("Waiting for the handlers that have begun; Ctrl-C again ends them.")
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        on_signal(loop, number, stop)
    say(f"Handling the callbacks of {name}; Ctrl-C ends it.")
    try:
        await app.work(stopped, concurrency)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    say("Stopped.")


def _inbox_named(name: str) -> Inbox:
    """Return the inbox that MODULE:NAME names; raises UsageError where there is none."""
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise UsageError(f"{name!r} names no inbox: write MODULE:NAME, such as receiver:receiver.")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = importlib.import_module(module)
    except Exception as error:  # noqa: BLE001  # whatever the user's module raises
        reason = f"{type(error).__name__}: {one_line(redacted(str(error)))}"
        raise UsageError(f"The module {module} cannot be imported ({reason}).") from None
    app: Any = found
    for part in attribute.split("."):
        app = getattr(app, part, None)
    if not isinstance(app, Inbox):
        raise UsageError(f"{name} is not what sleeptalk's function inbox makes: name the variable that has it.")
    return app


def _watch(store: Store, selection: Selection, interval: float) -> None:
    """Show the page until this is interrupted: in one place on a terminal, one after another elsewhere."""
    console = _console()
    pause = threading.Event()
    with Live(console=console, screen=True, auto_refresh=False) if console.is_terminal else nullcontext() as live:
        while True:
            try:
                shown: Any = page(store.counts(), store.entries(selection), _now())
            except SleeptalkError as error:
                shown = Text(escaped(str(error)), style="red")
            if live is None:
                console.print(shown)
            else:
                live.update(shown, refresh=True)
            pause.wait(interval)


def _found(store: Store, identity: str) -> Stored:
    """Return the one callback whose id begins so; raises UsageError where there is none, or more than one."""
    if len(identity) < _SHORTEST_ID:
        raise UsageError(f"{identity!r} is too short: write at least {_SHORTEST_ID} characters of the id.")
    found = store.find(identity.lower())
    if not found:
        raise UsageError(f"There is no callback {identity!r}: `sleeptalk inbox list` shows them.")
    if len(found) > 1:
        raise UsageError(f"More than one id begins with {identity!r}: write more of it.")
    return found[0]


def _tell(count: int, name: str, words: str, *, as_json: bool) -> None:
    if as_json:
        write_json({name: count})
    else:
        say(f"{count} callback{'' if count == 1 else 's'} {words}.")


def _console() -> Console:
    """Return the console, wide enough for the whole table where no terminal cuts it."""
    return screen(width=None if sys.stdout.isatty() else _WIDE)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@contextmanager
def _sentences() -> Iterator[None]:
    """Make the errors of a store those of a command."""
    try:
        yield
    except SleeptalkError as error:
        raise UsageError(str(error)) from None
