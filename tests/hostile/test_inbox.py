"""What a sender stores in an inbox, and what a handler raises, is shown and acts on no terminal and no CI system."""

import json
from pathlib import Path
from typing import Any

import pytest

from sleeptalk_contract.commands import program as cli
from tests.hostile.test_console import PLANTED, acts
from tests.inbox.stores import receiving, window


def fail(_callback: Any, _delivery: Any) -> None:
    raise RuntimeError(PLANTED)


def test_the_inbox_shows_hostile_callbacks_and_nothing_acts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = f"sqlite:///{tmp_path / 'inbox.db'}"
    unknown = json.dumps({"callback_event": PLANTED, "callback_data": {"session_id": PLANTED}}).encode()
    with receiving(fail, address, attempts=1) as receiver:
        for body in (window(PLANTED), window("a", user_id=PLANTED), unknown):
            assert receiver.post(body).status_code == 204
        receiver.wait_for(dead=3)
        ids = [str(entry.id) for entry in receiver.entries()]
    for arguments in (["list"], ["list", "--json"], *(["show", each] for each in ids)):
        assert cli.run(["inbox", *arguments, "--store", address]) == 0
        shown = capsys.readouterr()
        assert "planted" in shown.out
        assert not acts(shown.out + shown.err)
