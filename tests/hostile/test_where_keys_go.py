"""`sleeptalk replay` sends a key to this machine, or where --url says so, and nowhere else."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from sleeptalk_contract.commands import program as cli
from tests.hostile.test_files import BROKEN, CASE
from tests.http_servers import Quiet, handled_by

KEY = "a-key-of-these-tests"


class _Taker(Quiet, BaseHTTPRequestHandler):
    taken: list[str]

    def do_GET(self) -> None:
        self.taken.append(str(self.headers))
        self.send_response(500)
        self.send_header("content-length", "0")
        self.end_headers()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The port of a server that listens on every address of this machine."""
    monkeypatch.setenv("ASLEEP_API_KEY", KEY)
    _Taker.taken = []
    with handled_by(_Taker, host="") as url:
        yield url.rpartition(":")[2]


def case(folder: Path, host: str, *, key: str = "right") -> Path:
    path = folder / f"{BROKEN}-1.json"
    exchange = {**CASE, "key": key, "url": f"http://{host}/data/v2/sessions/20220821093117_hz82a"}
    path.write_text(json.dumps({"rule": BROKEN, "known_ids": [], "exchange": exchange}), "utf-8")
    return path


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost"])
def test_this_machine_is_sent_the_key_and_is_named(
    host: str, port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["replay", str(case(tmp_path, f"{host}:{port}"))]) == 1
    assert any(KEY in headers for headers in _Taker.taken)
    assert f"http://{host}:{port}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "127.0.0.1.example.com", "127.0.0.1:80@0.0.0.0", "0", "2130706433", "127.1", "[::ffff:127.0.0.1]"],
)
@pytest.mark.parametrize("key", ["right", "truncated", "missing"])
def test_another_host_is_sent_nothing_while_there_is_a_key(
    host: str, key: str, port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["replay", str(case(tmp_path, f"{host}:{port}", key=key))]) == 2
    assert not _Taker.taken
    shown = capsys.readouterr().err
    assert "--url" in shown
    assert KEY not in shown


def test_a_header_of_the_environment_is_a_secret_too(
    port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASLEEP_API_KEY")
    path = case(tmp_path, f"0.0.0.0:{port}", key="missing")
    assert cli.run(["replay", str(path), "-H", f"x-gateway: {KEY}"]) == 2
    assert not _Taker.taken
    assert "0.0.0.0" in capsys.readouterr().err


def test_the_address_that_the_user_names_is_sent_the_key(
    port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"http://0.0.0.0:{port}"
    assert cli.run(["replay", str(case(tmp_path, "somewhere.example.com")), "--url", url]) == 1
    assert any(KEY in headers for headers in _Taker.taken)
    shown = capsys.readouterr().out
    assert url in shown
    assert KEY not in shown
