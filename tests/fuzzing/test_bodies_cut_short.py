"""An implementation whose answers say a wrong length, and end before it with their connection."""

import json
import socket
from pathlib import Path

import pytest

from sleeptalk_contract.commands import program as cli
from tests.contract.test_wire import raw_server
from tests.fuzzing.helpers import CREDENTIALS, SLEPT

BODY = b'{"detail":"Not found"}'


def cut_short(connection: socket.socket, _: int) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 200\r\n\r\n"
    connection.sendall(head + BODY)
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


def test_a_body_that_is_cut_short_is_named_as_such_and_as_no_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with raw_server(cut_short) as url:
        asked = ["fuzz", "asleep", "--url", url, "--session-id", SLEPT, "--max-examples", "1", "--seed", "1"]
        assert cli.run([*asked, *CREDENTIALS, "--report-dir", str(tmp_path)]) == 1
    facts = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    messages = {rule["id"]: {found["message"] for found in rule["failures"]} for rule in facts["rules"]}
    how_far = f"ended after {len(BODY)} of 200 bytes"
    assert messages["session.shape"] == {f"is cut short: it {how_far}"}
    assert messages["session.no-server-error"] == {f"{how_far}: the connection was dropped"}
    assert "did not come" not in capsys.readouterr().out
