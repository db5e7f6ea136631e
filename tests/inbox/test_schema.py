"""A store whose tables a newer version of Sleeptalk has made is refused at the start, and left as it is."""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from sleeptalk.callback import inbox
from sleeptalk.errors import StoreUnavailable
from tests.inbox.stores import KEY, Seen, receiving, window

NEWER = "CREATE VIEW sleeptalk_schema AS SELECT 2 AS version"
SENTENCE = "a newer version of Sleeptalk made its tables (schema 2; this version knows 1): update sleeptalk."
PROGRAM = Path(sys.executable).with_name("sleeptalk")


def changed(address: str, *statements: str) -> None:
    """Carry out statements on a store."""
    if address.startswith("sqlite"):
        with sqlite3.connect(address.removeprefix("sqlite:///")) as file:
            for statement in statements:
                file.execute(statement)
        file.close()
    else:
        with psycopg.connect(address) as database:
            for statement in statements:
                database.execute(statement.encode())


@pytest.fixture
def newer(address: str) -> str:
    """A store with one callback, as a newer version would leave it."""
    with receiving(Seen(), address) as receiver:
        receiver.post(window())
        receiver.wait_for(done=1)
    changed(address, "DROP VIEW sleeptalk_schema", NEWER)
    return address


def test_a_receiver_does_not_start(newer: str) -> None:
    async def start() -> None:
        async with inbox(Seen(), newer, api_key=KEY).lifespan():
            pass

    with pytest.raises(StoreUnavailable) as raised:
        asyncio.run(start())
    assert str(raised.value).endswith(SENTENCE)


@pytest.mark.parametrize("arguments", [["list"], ["retry", "--dead"], ["work", "receiving_app:receiver"]])
def test_a_command_says_so_with_exit_code_2(newer: str, arguments: list[str], tmp_path: Path) -> None:
    module = f"from sleeptalk.callback import inbox\nreceiver = inbox(print, {newer!r}, api_key={KEY!r})\n"
    (tmp_path / "receiving_app.py").write_text(module)
    store = [] if arguments[0] == "work" else ["--store", newer]
    done = subprocess.run(
        [PROGRAM, "inbox", *arguments, *store], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert SENTENCE in done.stderr


def test_a_store_from_before_there_were_versions_is_taken(address: str) -> None:
    for _ in range(2):
        with receiving(Seen(), address) as receiver:
            assert receiver.post(window()).status_code == 204
            receiver.wait_for(done=1)
        changed(address, "DROP VIEW sleeptalk_schema")
