"""Runs of `sleeptalk fuzz` that cannot be made: exit code 2 and a sentence."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_USER_ID
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
from tests.fuzzing.helpers import (
    CREDENTIALS,
    SECRET,
    SLEPT,
    exits_2,
    known,
    serving,
)
from tests.sandbox_ids import known_ids
from tests.waiting import until


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_an_unknown_target_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no target 'asleeep'" in exits_2(capsys, "fuzz", "asleeep")


@pytest.mark.parametrize(
    "url",
    ["localhost:8000", "ftp://host/", "http://", "http://host:99999", "http://host/?a=b", "http://[::1", "http://a..b"],
)
def test_an_address_without_scheme_host_or_with_a_query_is_refused(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert url in exits_2(capsys, "fuzz", "phonexia", "--url", url)


@pytest.mark.parametrize("send", [(), ("--send", "four-stages")])
def test_the_address_of_a_receiver_is_to_be_percent_encoded(
    send: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("fuzz", "callback", "--url", "http://127.0.0.1:9/잠 a", "--api-key", SECRET)
    assert "percent-encode" in exits_2(capsys, *arguments, *send)


@pytest.mark.parametrize("option", ["--request-timeout", "--max-time"])
@pytest.mark.parametrize("seconds", ["nan", "inf", "0", "-1"])
def test_what_is_not_a_time_is_named(option: str, seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert option in exits_2(capsys, "fuzz", "phonexia", option, seconds)


@pytest.mark.parametrize(("target", "variable"), [("asleep", "ASLEEP_API_KEY"), ("callback", "SLEEPTALK_CALLBACK_KEY")])
def test_a_key_that_no_header_can_carry_is_named_without_being_shown(
    target: str, variable: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, f"{SECRET}\n")
    sentence = exits_2(capsys, "fuzz", target)
    assert f"The value of {variable} cannot be sent in a header" in sentence
    assert SECRET not in sentence
    assert "--api-key cannot be sent" in exits_2(capsys, "fuzz", target, "--api-key", "clé")
    monkeypatch.delenv(variable)
    assert "--user-id cannot be sent" in exits_2(capsys, "fuzz", target, "--user-id", "user\n")


def test_a_run_that_could_not_be_made_leaves_no_report_of_the_one_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(phonexia_app()) as url:
        arguments = ["fuzz", "phonexia", "--url", url, "--max-examples", "5"]
        arguments += known("--task-id", known_ids("phonexia"))
        assert cli.run([*arguments, "--report-dir", str(tmp_path)]) == 0
    assert (tmp_path / "report.json").is_file()
    capsys.readouterr()
    exits_2(capsys, "fuzz", "phonexia", "--url", url, "--report-dir", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_could_not_be_made_leaves_no_thread_behind(capsys: pytest.CaptureFixture[str]) -> None:
    before = set(threading.enumerate())
    exits_2(capsys, "fuzz", "phonexia", "--url", f"http://127.0.0.1:{free_port()}")
    until(lambda: not any(each.name == "wire-watch" for each in set(threading.enumerate()) - before), seconds=20)


def test_a_server_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    assert f"127.0.0.1:{port}" in exits_2(capsys, "fuzz", "phonexia", "--url", f"http://127.0.0.1:{port}")


def test_a_server_that_speaks_no_tls_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(phonexia_app()) as url:
        assert "TLS" in exits_2(capsys, "fuzz", "phonexia", "--url", url.replace("http:", "https:"))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="only openssl makes a certificate that nobody signed")
def test_an_untrusted_certificate_is_named(capsys: pytest.CaptureFixture[str], self_signed_url: str) -> None:
    assert "not trusted" in exits_2(capsys, "fuzz", "phonexia", "--url", self_signed_url)


def test_a_report_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    sentence = exits_2(capsys, "fuzz", "phonexia", "--report-dir", str(tmp_path / "file" / "reports"))
    assert str(tmp_path / "file" / "reports") in sentence


def test_an_id_that_cannot_be_known_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "'abc'" in exits_2(capsys, "fuzz", "asleep", "--session-id", "abc")
    assert "--task-id does not apply" in exits_2(capsys, "fuzz", "asleep", "--task-id", known_ids("phonexia")[0])


def test_an_id_that_the_implementation_does_not_know_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    unknown = "19990101000000_zzzzz"
    with serving(asleep_app()) as url:
        sentence = exits_2(capsys, "fuzz", "asleep", "--url", url, "--session-id", unknown, *CREDENTIALS)
    assert unknown in sentence
    assert "404" in sentence


def test_a_key_that_is_refused_is_named_without_being_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(asleep_app()) as url:
        arguments = ("--url", url, "--session-id", SLEPT, "--api-key", SECRET, "--user-id", SANDBOX_USER_ID)
        sentence = exits_2(capsys, "fuzz", "asleep", *arguments)
    assert "refuses the key" in sentence
    assert SECRET not in sentence


def test_a_receiver_that_refuses_the_key_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(receiver_app("another-key")) as url:
        sentence = exits_2(capsys, "fuzz", "callback", "--url", url, "--api-key", SECRET)
        sent = exits_2(capsys, "fuzz", "callback", "--url", url, "--api-key", SECRET, "--send", "four-stages")
    assert "answers 401 to honest callbacks" in sentence
    assert sent == sentence


def test_a_missing_user_id_is_asked_for(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASLEEP_USER_ID", raising=False)
    with serving(asleep_app(SECRET)) as url:
        arguments = ("--url", url, "--session-id", SLEPT, "--api-key", SECRET)
        assert "--user-id" in exits_2(capsys, "fuzz", "asleep", *arguments)


@pytest.mark.parametrize("shard", ["0/2", "3/2", "one", "1/", "auto"])
def test_what_is_not_a_shard_is_named(
    shard: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CI_NODE_INDEX", "CIRCLE_NODE_INDEX", "BUILDKITE_PARALLEL_JOB", "JOB_COMPLETION_INDEX"):
        monkeypatch.delenv(name, raising=False)
    assert "--shard" in exits_2(capsys, "fuzz", "asleep", "--shard", shard)


@pytest.fixture(scope="module")
def self_signed_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A TLS server with a certificate that nobody signed but itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command = ["openssl", *request, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
