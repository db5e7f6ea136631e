"""Which store an address names. What a store needs is imported when it is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

from sleeptalk.errors import ConfigurationError

if TYPE_CHECKING:
    from sleeptalk.callback.durable.delivery import Accepted, Counts, Entry, Selection, Stored, Work
    from sleeptalk.callback.durable.handling import Runner

VARIABLE = "SLEEPTALK_INBOX"
DEFAULT = "sqlite:///callbacks.db"
_SQLITE = "sqlite:///"


class Worker(Protocol):
    """What hands stored callbacks to a handler."""

    async def run(self) -> None:
        """Work until it is stopped and what ran then has ended."""
        ...

    def stop(self) -> None:
        """Let what runs end, and the rest wait."""
        ...


class Store(Protocol):
    """A store of this package. Its methods raise StoreUnavailable where it cannot be used."""

    async def put(self, accepted: Accepted, /) -> None:
        """Store a callback, unless it is known."""
        ...

    async def open(self) -> None:
        """Open it, and make its tables where they are missing."""
        ...

    async def close(self) -> None:
        """Close it, after what is being written."""
        ...

    def abandon(self) -> None:
        """Close it at once: its event loop ends, and waits for nothing."""
        ...

    def worker(self, runner: Runner, work: Work) -> Worker:
        """Return what hands its callbacks to a handler."""
        ...

    def counts(self) -> Counts:
        """Return how many callbacks are in each state."""
        ...

    def entries(self, selection: Selection) -> list[Entry]:
        """Return the newest of some callbacks, the newest first."""
        ...

    def find(self, beginning: str) -> list[Stored]:
        """Return the callbacks, at most two, whose id begins so, with their bodies."""
        ...

    def retry(self, selection: Selection) -> int:
        """Make dead callbacks due again, and waiting ones due at once; return how many."""
        ...

    def purge(self, selection: Selection) -> int:
        """Remove callbacks and all that is known of them; return how many."""
        ...

    def forget(self, work: Work) -> None:
        """Blank the bodies, and remove the identities, of callbacks that were done long enough ago."""
        ...


def store_at(address: str, *, create: bool = True) -> Store:
    """Return the store that an address names, without opening it.

    `sqlite:///callbacks.db` is a file in the working directory, `sqlite:////var/lib/app/callbacks.db` one with an
    absolute path; `postgresql://...` is as libpq reads it. With `create=False` a file that is missing is not made.

    Raises ConfigurationError for any other address, and where the extra that it needs is not installed.
    """
    if address.startswith(_SQLITE):
        name = unquote(address.removeprefix(_SQLITE))
        if name in ("", ":memory:") or "\0" in name or "?" in address:
            raise ConfigurationError(f"store must name a file, as {DEFAULT} does.")
        from sleeptalk.callback.durable.sqlite import SqliteStore

        return SqliteStore(Path(name).absolute(), create=create)
    if address.startswith(("postgresql://", "postgres://")):
        try:
            from sleeptalk.callback.durable.postgres import PostgresStore
        except ModuleNotFoundError as error:
            message = f'The package {error.name} is missing: pip install "sleeptalk[postgres]".'
            raise ConfigurationError(message) from None

        return PostgresStore(address)
    scheme = address.partition(":")[0]
    known = f"{DEFAULT} or postgresql://host/database"
    raise ConfigurationError(f"store must be an address such as {known}, not one of {scheme[:20]!r}.")
