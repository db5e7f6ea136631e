"""How `sleeptalk fuzz` and `replay` reach an implementation: certificates, proxies, and waiting for it."""

import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from tests.certificates import make_certificate, needs_openssl, server_context
from tests.fronts import proxy, tls_front
from tests.fuzzing.helpers import CREDENTIALS, exits_2, serving
from tests.fuzzing.reaching import ASLEEP, CALLBACK, NOT_FOUND

pytestmark = pytest.mark.usefixtures("forgetting")


# certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="module")
def client_certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def secure(certificate: Path) -> Iterator[str]:
    with serving(asleep_app()) as url, tls_front(url, server_context(certificate)) as address:
        yield address


@pytest.fixture(scope="module")
def mutual(certificate: Path, client_certificate: Path) -> Iterator[str]:
    context = server_context(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(client_certificate)
    with serving(asleep_app()) as url, tls_front(url, context) as address:
        yield address


@needs_openssl
def test_a_certificate_is_trusted_by_its_authority_or_not_at_all(
    secure: str, certificate: Path, client_certificate: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*ASLEEP, "--url", secure, "--cacert", str(certificate)]) == 0
    assert cli.run([*ASLEEP, "--url", secure, "--insecure"]) == 0
    capsys.readouterr()
    untrusted = exits_2(capsys, *ASLEEP, "--url", secure)
    assert "is not trusted" in untrusted
    assert "--cacert" in untrusted
    assert "is not trusted" in exits_2(capsys, *ASLEEP, "--url", secure, "--cacert", str(client_certificate))


@needs_openssl
def test_a_client_certificate_is_shown_with_its_key_in_one_file_or_two(
    mutual: str, certificate: Path, client_certificate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = client_certificate.read_text()
    begin = text.index("-----BEGIN PRIVATE KEY-----")
    (tmp_path / "alone.pem").write_text(text[:begin])
    (tmp_path / "key.pem").write_text(text[begin:])
    reach = (*ASLEEP, "--url", mutual, "--cacert", str(certificate))
    assert cli.run([*reach, "--cert", str(client_certificate)]) == 0
    assert cli.run([*reach, "--cert", str(tmp_path / "alone.pem"), "--cert-key", str(tmp_path / "key.pem")]) == 0
    capsys.readouterr()
    assert "may ask for a certificate" in exits_2(capsys, *reach)
    assert "refuses the certificate of --cert" in exits_2(capsys, *reach, "--cert", str(certificate))
    assert "name it with --cert-key" in exits_2(capsys, *reach, "--cert", str(tmp_path / "alone.pem"))
    mixed = ("--cert", str(tmp_path / "alone.pem"), "--cert-key", str(certificate))
    assert "does not belong to the certificate" in exits_2(capsys, *reach, *mixed)


@needs_openssl
def test_replay_and_one_delivery_reach_as_far(
    certificate: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust = ("--cacert", str(certificate))
    with serving(asleep_app(faults=NOT_FOUND)) as url, tls_front(url, server_context(certificate)) as address:
        assert cli.run([*ASLEEP, "--url", address, *trust, "--report-dir", str(tmp_path)]) == 1
        case = str(next((tmp_path / "cases").glob("*.json")))
        assert cli.run(["replay", case, *CREDENTIALS[:2], *trust]) == 1
        capsys.readouterr()
        assert "is not trusted" in exits_2(capsys, "replay", case, *CREDENTIALS[:2])
    with serving(receiver_app()) as url, tls_front(url, server_context(certificate)) as address:
        sending = ("fuzz", "callback", "--url", address, "--api-key", SANDBOX_API_KEY, "--send", "never-slept")
        assert cli.run([*sending, *trust]) == 0


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--cacert", "nowhere.pem"), "--cacert nowhere.pem cannot be read (No such file or directory)"),
        (("--cacert", __file__), "holds no certificate: name a file with certificates in PEM"),
        (("--cert", "nowhere.pem"), "--cert nowhere.pem cannot be read (No such file or directory)"),
        (("--cert", __file__), "needs a certificate and its key, both in PEM"),
        (("--cert-key", "key.pem"), "--cert-key is the key of --cert: name the certificate as well"),
        (("--insecure", "--cacert", "ca.pem"), "leave one of them out"),
    ],
)
def test_certificates_that_cannot_be_used_are_told(
    options: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in exits_2(capsys, *ASLEEP, "--url", "https://127.0.0.1:9", *options)


@needs_openssl
@pytest.mark.parametrize("arguments", [ASLEEP, ASLEEP[:2], CALLBACK, CALLBACK[:2]])
def test_plain_http_to_a_server_that_speaks_tls_is_told(
    arguments: tuple[str, ...], secure: str, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = exits_2(capsys, *arguments, "--url", secure.replace("https:", "http:"))
    assert f"speaks TLS, and does not take plain http: pass --url {secure}." in printed


def test_a_server_that_refuses_everything_as_bad_is_judged() -> None:
    with serving(Response("bad", 400)) as url:
        assert cli.run([*ASLEEP[:2], *CREDENTIALS, "--max-examples", "1", "--url", url]) == 1


def test_certificates_without_https_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--insecure needs an https address" in exits_2(capsys, *ASLEEP, "--url", "http://127.0.0.1:9", "--insecure")


# a proxy


@pytest.mark.parametrize("credentials", ["", "me:pa55word-pa55word"])
def test_every_request_goes_through_the_proxy(credentials: str) -> None:
    with serving(asleep_app()) as url, proxy(credentials) as way:
        named = way.url.replace("//", f"//{credentials}@" if credentials else "//")
        assert cli.run([*ASLEEP, "--url", url, "--proxy", named, "--workers", "2"]) == 0
    assert way.asked
    assert all(line.split(" ")[1].startswith(url) for line in way.asked)


@needs_openssl
def test_https_goes_through_the_proxy_in_a_tunnel(certificate: Path, capsys: pytest.CaptureFixture[str]) -> None:
    context = server_context(certificate)
    with serving(asleep_app()) as url, tls_front(url, context) as address, proxy("me:pa55word") as way:
        named = way.url.replace("//", "//me:pa55word@")
        reach = (*ASLEEP, "--url", address, "--cacert", str(certificate))
        assert cli.run([*reach, "--proxy", named]) == 0
        assert {line.split(" ")[0] for line in way.asked} == {"CONNECT"}
        capsys.readouterr()
        refused = exits_2(capsys, *reach, "--proxy", way.url)
    assert "does not connect to 127.0.0.1" in refused
    assert "407" in refused
    assert "pa55word" not in refused


@needs_openssl
def test_the_proxy_itself_may_speak_tls(certificate: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(asleep_app()) as url, proxy() as way, tls_front(way.url, server_context(certificate)) as address:
        assert cli.run([*ASLEEP, "--url", url, "--proxy", address, "--cacert", str(certificate)]) == 0
        assert way.asked
        capsys.readouterr()
        untrusted = exits_2(capsys, *ASLEEP, "--url", url, "--proxy", address)
    assert f"The certificate of {address.removeprefix('https://')} is not trusted" in untrusted


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("127.0.0.1:3128", "--proxy '127.0.0.1:3128' has no scheme"),
        ("socks5://127.0.0.1:1080", "is not an address that requests can be sent to"),
        ("http://127.0.0.1:3128/path", "--proxy has a path"),
        ("http://127.0.0.1:1", "No proxy answers at 127.0.0.1:1"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_told(given: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert sentence in exits_2(capsys, *ASLEEP, "--url", "http://127.0.0.1:9", "--proxy", given)


@pytest.mark.parametrize(("credentials", "status"), [("", 502), ("me:pa55word", 407)])
def test_a_proxy_that_refuses_or_reaches_nothing_is_told(
    credentials: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with proxy(credentials) as way:
        printed = exits_2(capsys, *ASLEEP, "--url", "http://127.0.0.1:1", "--proxy", way.url)
    assert f"The proxy {way.url} answers {status} for 127.0.0.1:1" in printed


# waiting


def test_a_run_begins_when_the_implementation_answers(capsys: pytest.CaptureFixture[str]) -> None:
    asked = threading.Event()
    ready = threading.Event()
    inner = asleep_app()
    statuses: list[int] = []

    async def starting(scope: Scope, receive: Receive, send: Send) -> None:
        if not ready.is_set():
            statuses.append(503)
            asked.set()
            await Response(status_code=503)(scope, receive, send)
            return
        await inner(scope, receive, send)

    def make_ready() -> None:
        assert asked.wait(20)
        ready.set()

    thread = threading.Thread(target=make_ready)
    thread.start()
    with serving(starting) as url:
        assert cli.run([*ASLEEP, "--url", url, "--wait-for-url", "60"]) == 0
        thread.join()
        assert f"Waiting for {url}, at most 60 s." in capsys.readouterr().out
    assert statuses


def test_nothing_is_waited_for_without_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--wait-for-url waits for an implementation: give its --url" in exits_2(
        capsys, *ASLEEP, "--wait-for-url", "1"
    )


@pytest.mark.parametrize(("status", "said"), [(503, "its last answer was 503"), (None, "refused")])
def test_waiting_ends_with_the_reason(status: int | None, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with running(Response(status_code=status or 200)) as server:
        url = server.url if status is not None else "http://127.0.0.1:1"
        printed = exits_2(capsys, *ASLEEP, "--url", url, "--wait-for-url", "0.3")
    assert "did not answer within the 0.3 s of --wait-for-url" in printed
    assert said in printed


@needs_openssl
def test_a_certificate_that_is_not_trusted_is_not_waited_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    context = server_context(make_certificate(tmp_path))
    with serving(asleep_app()) as plain, tls_front(plain, context) as url:
        assert "is not trusted" in exits_2(capsys, *ASLEEP, "--url", url, "--wait-for-url", "600")


def test_an_interrupt_ends_the_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sleeptalk_contract.fuzzing.reaching.time.sleep", interrupted)
    assert cli.run([*ASLEEP, "--url", "http://127.0.0.1:1", "--wait-for-url", "60"]) == 130
