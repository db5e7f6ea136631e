"""A server of PostgreSQL, started by the tests as a user that is not root, in a folder of its own."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.waiting import until

_USERS = ("postgres", "nobody")


def program(name: str) -> Path | None:
    """Return a program of PostgreSQL, from the PATH or from where Debian has it."""
    found = shutil.which(name)
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return Path(found) if found else installed[-1] if installed else None


MISSING = None if program("initdb") and program("postgres") else "PostgreSQL is not installed"


class Cluster:
    """A server that can be stopped and started again."""

    def __init__(self, folder: Path, user: dict[str, Any]) -> None:
        self._folder = folder
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def start(self) -> None:
        options = ["-D", self._folder / "data", "-k", self._folder, "-h", "127.0.0.1", "-p", str(self.port), "-F"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program("postgres") or "", *options], stderr=log, stdout=log, **self._user
            )
        until(self._answers)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "log").read_text()
        try:
            psycopg.connect(self.address, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop it at once, as a machine that loses its power."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)
        self._process = None

    @property
    def address(self) -> str:
        return f"postgresql://sleeptalk@127.0.0.1:{self.port}/postgres"

    def emptied(self) -> str:
        """Return the address of the database, with nothing in it. That is quicker than a new one."""
        with psycopg.connect(self.address) as db:
            db.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IS NOT NULL"
                " AND pid <> pg_backend_pid()"
            )
            db.execute("DROP SCHEMA public CASCADE")
            db.execute("CREATE SCHEMA public")
        return self.address


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Start a server, and remove it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="sleeptalk-postgres-"))
    user: dict[str, Any] = {}
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        entry = next(pwd.getpwnam(name) for name in _USERS if name in {each.pw_name for each in pwd.getpwall()})
        user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    cluster = Cluster(folder, user)
    options = ["-D", folder / "data", "-U", "sleeptalk", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    try:
        subprocess.run([program("initdb") or "", *options], check=True, capture_output=True, cwd=folder, **user)
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)
