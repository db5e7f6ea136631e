"""How `sleeptalk fuzz` and `replay` reach an implementation: headers, proxies, certificates, and what is in front."""

import ssl
import threading
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.contract import redaction
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
from tests.certificates import make_certificate, needs_openssl, server_context
from tests.fronts import proxy, tls_front
from tests.fuzzing.helpers import CREDENTIALS, SECRET, SLEPT, Recording, exits_2, serving, texts_in
from tests.sandbox_ids import faults_of, known_ids
from tests.surroundings import below

ASLEEP = ("fuzz", "asleep", *CREDENTIALS, "--session-id", SLEPT, "--max-examples", "1")
PHONEXIA = ("fuzz", "phonexia", "--task-id", known_ids("phonexia")[0], "--max-examples", "1")
NOT_FOUND = faults_of("session.not-found-404")[:1]
CALLBACK = ("fuzz", "callback", "--api-key", SANDBOX_API_KEY, "--max-examples", "1")


@pytest.fixture(autouse=True)
def forgetting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is remembered be forgotten after the test."""
    monkeypatch.setattr(redaction, "_known", set())
    monkeypatch.delenv("SLEEPTALK_HEADERS", raising=False)


# additional headers


def guarded(app: ASGIApp, name: str, value: str) -> ASGIApp:
    """Return an application behind a gateway that wants a header, and whose refusal tells which value it was sent."""

    async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope["headers"]).get(name.encode(), b"").decode("latin-1")
        if given != value:
            await Response(f"the gateway does not take {given!r}", 418)(scope, receive, send)
            return
        await app(scope, receive, send)

    return gateway


@pytest.mark.parametrize(
    ("arguments", "app"), [(ASLEEP, asleep_app), (PHONEXIA, phonexia_app), (CALLBACK, receiver_app)]
)
def test_a_header_is_sent_with_every_request(arguments: tuple[str, ...], app: Callable[[], ASGIApp]) -> None:
    recording = Recording(app())
    with serving(guarded(recording, "x-gateway", SECRET)) as url:
        assert cli.run([*arguments, "--url", url, "-H", f"X-Gateway: {SECRET}"]) == 0
    assert recording.requests


def test_headers_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLEEPTALK_HEADERS", f"X-Gateway: {SECRET}\nX-Other: 1\n")
    with serving(guarded(guarded(asleep_app(), "x-gateway", SECRET), "x-other", "1")) as url:
        assert cli.run([*ASLEEP, "--url", url]) == 0


def test_an_agent_and_a_host_replace_those_that_are_sent_otherwise() -> None:
    recording = Recording(asleep_app())
    agents: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        agents.append(dict(scope["headers"])[b"host"].decode())
        await recording(scope, receive, send)

    with serving(app) as url:
        assert cli.run([*ASLEEP, "--url", url, "-H", "User-Agent: probe/1", "-H", "Host: staging.example"]) == 0
    assert set(agents) == {"staging.example"}
    assert {dict(headers)["user-agent"] for _, _, headers, _ in recording.requests} == {"probe/1"}


def test_the_value_of_a_header_appears_nowhere_and_replay_asks_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(guarded(asleep_app(faults=NOT_FOUND), "x-gateway", SECRET)) as url:
        header = ("-H", f"X-Gateway: {SECRET}")
        assert cli.run([*ASLEEP, "--url", url, "--report-dir", str(tmp_path), *header]) == 1
        case = next((tmp_path / "cases").glob("*.json"))
        missing = exits_2(capsys, "replay", str(case), *CREDENTIALS[:2])
        assert "the header x-gateway of -H: pass it again" in missing
        assert cli.run(["replay", str(case), *CREDENTIALS[:2], *header]) == 1
        assert (
            cli.run([*ASLEEP, "--url", url, "--report-dir", str(tmp_path / "wrong"), "-H", f"X-Gateway: {SECRET}?"])
            != 0
        )
    printed = capsys.readouterr()
    everything = printed.out + printed.err + texts_in(tmp_path)
    assert '-H "x-gateway: $X_GATEWAY"' in everything
    assert SECRET not in everything


@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        ("Authorization: Bearer t0ken-t0ken", ["t0ken-t0ken"]),
        ("Authorization: Basic bWU6cGE1NXdvcmQ=", ["pa55word", "bWU6cGE1NXdvcmQ="]),
        ("Cookie: a=s3cr3t-one; b=s3cr3t-two", ["s3cr3t-one", "s3cr3t-two"]),
    ],
)
def test_the_parts_of_a_header_are_secrets_as_well(header: str, secrets: list[str]) -> None:
    with serving(asleep_app()) as url:
        assert cli.run([*ASLEEP, "--url", url, "-H", header]) == 0
    assert not any(secret in redaction.redacted(" ".join(secrets)) for secret in secrets)


def test_a_common_word_is_not_left_out_of_reports() -> None:
    with serving(asleep_app()) as url:
        assert cli.run([*ASLEEP, "--url", url, "-H", "X-Env: staging"]) == 0
    assert redaction.redacted("https://staging.example.com") == "https://staging.example.com"


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (f"Bearer {SECRET}", "-H is not a header: write it as 'Name: value'."),
        ("X-Empty:", "-H is not a header"),
        (f"X Y: {SECRET}", "-H is not a header"),
        (f"X-Line: {SECRET}\n1", "The value of -H X-Line cannot be sent in a header"),
        (
            f"X-API-KEY: {SECRET}",
            "-H X-API-KEY is a credential of asleep, which runs also send spoiled: give it with --api-key",
        ),
        ("x-user-id: me", "give it with --user-id"),
        ("Timezone: UTC", "-H Timezone is a header that runs choose by themselves"),
        ("Accept: text/html", "-H Accept is a header that runs choose by themselves"),
        ("Content-Length: 7", "-H Content-Length is a header that runs choose by themselves"),
    ],
)
def test_a_header_that_cannot_be_added_is_told_without_its_value(
    header: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = exits_2(capsys, *ASLEEP, "--url", "http://127.0.0.1:9", "-H", header)
    assert sentence in printed
    assert SECRET not in printed


def test_a_header_and_the_name_in_an_address_do_not_go_together(capsys: pytest.CaptureFixture[str]) -> None:
    printed = exits_2(capsys, *ASLEEP, "--url", "http://me:pa55word@127.0.0.1:9", "-H", "Authorization: Bearer x1x2x3")
    assert "are sent in the same header" in printed


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


# what stands in front


@pytest.mark.parametrize(
    ("arguments", "path", "told"),
    [
        (ASLEEP, "/data/v2", "/data/v2"),
        (ASLEEP, "/gateway/data/v2/", "/data/v2"),
        (ASLEEP, "/data/v2/sessions", "/data/v2/sessions"),
        (ASLEEP, f"/data/v2/sessions/{SLEPT}", f"/data/v2/sessions/{SLEPT}"),
        (PHONEXIA, "/api/technology", "/api/technology"),
    ],
)
def test_a_base_path_that_repeats_that_of_the_document_is_told(
    arguments: tuple[str, ...], path: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = exits_2(capsys, *arguments, "--url", f"https://staging.example{path}")
    assert f"ends in {told}, with which the paths of the document begin" in printed
    base = path.rstrip("/").removesuffix(told)
    assert f"pass 'https://staging.example{base}', to which they are added" in printed


def test_one_repeated_segment_is_told_where_only_the_address_without_it_answers_as_it_should(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving(asleep_app()) as url:
        assert f"pass '{url}', to which they are added" in exits_2(capsys, *ASLEEP, "--url", f"{url}/data")
    with serving(below(asleep_app(), "/data", Response("nothing here", 404))) as url:
        assert cli.run([*ASLEEP, "--url", f"{url}/data"]) == 0


def redirecting(status: int, location: str) -> ASGIApp:
    """Return a front that redirects every request; {path} stands for the path that was asked for."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        await RedirectResponse(location.replace("{path}", scope["path"]), status)(scope, receive, send)

    return front


@pytest.mark.parametrize("arguments", [ASLEEP, ASLEEP[:2], PHONEXIA, PHONEXIA[:2], CALLBACK, CALLBACK[:2]])
@pytest.mark.parametrize(
    ("status", "location", "advice"),
    [
        (301, "https://staging.example{path}", "pass --url https://staging.example"),
        (308, "//staging.example{path}", "pass --url http://staging.example"),
        (302, "/login?next=%2F", "pass the address behind it with --url, or what it asks for with -H"),
    ],
)
def test_a_redirect_in_front_is_told_and_not_judged(
    arguments: tuple[str, ...], status: int, location: str, advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(redirecting(status, location)) as url:
        printed = exits_2(capsys, *arguments, "--url", url)
    assert f"A redirect stands in front of the implementation: it answers {status}" in printed
    assert advice in printed


def test_the_base_path_of_a_redirect_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(redirecting(308, "https://staging.example/gateway{path}")) as url:
        printed = exits_2(capsys, *ASLEEP, "--url", url)
    assert printed.endswith(": pass --url https://staging.example/gateway.\n")


LOGIN = "<!DOCTYPE html><html><title>Sign in \N{EN DASH} Staging</title><form></form></html>"


@pytest.mark.parametrize("arguments", [ASLEEP, PHONEXIA, ("fuzz", "asleep", "--api-key", "k3y", "--user-id", "U-1")])
def test_a_web_page_in_front_is_told_and_not_judged(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Response(LOGIN, media_type="text/html")) as url:
        printed = exits_2(capsys, *arguments, "--url", url)
    assert "A web page stands in front of the implementation: it answers 200 and HTML" in printed
    assert "titled 'Sign in \N{EN DASH} Staging', to GET " in printed
    assert "with -H" in printed


@pytest.mark.parametrize("media_type", ["text/html", "application/json"])
def test_json_that_is_called_html_and_html_that_is_called_json_are_judged(media_type: str) -> None:
    body = '{"detail": "<html>"}' if media_type == "text/html" else LOGIN
    with serving(Response(body, media_type=media_type)) as url:
        assert cli.run([*ASLEEP, "--url", url]) == 1


def test_a_receiver_may_answer_with_a_page() -> None:
    async def receiver(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] == 204:
                message = {**message, "status": 200, "headers": [(b"content-type", b"text/html")]}
            elif message["type"] == "http.response.body" and not message.get("body"):
                message = {**message, "body": LOGIN.encode()}
            await send(message)

        await receiver_app()(scope, receive, sent)

    with serving(receiver) as url:
        assert cli.run([*CALLBACK, "--url", url]) == 0


@pytest.mark.parametrize("arguments", [ASLEEP, PHONEXIA[:2]])
def test_an_implementation_whose_paths_end_in_a_slash_is_told_so(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(redirecting(301, "{path}/")) as url:
        printed = exits_2(capsys, *arguments, "--url", url)
    assert printed.endswith("/: serve the paths of the contract as they are, without a slash at their end.\n")


def test_a_redirect_that_also_adds_a_slash_leads_to_its_base(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(redirecting(301, "https://staging.example{path}/")) as url:
        assert exits_2(capsys, *ASLEEP, "--url", url).endswith(": pass --url https://staging.example.\n")


def test_a_receiver_whose_path_ends_in_a_slash_is_told_its_address(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(redirecting(301, "{path}/")) as url:
        assert exits_2(capsys, *CALLBACK, "--url", f"{url}/callback").endswith(f": pass --url {url}/callback/.\n")


def test_a_single_redirect_is_judged() -> None:
    inner = asleep_app()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        moved = "19990101000000" in scope["path"]
        await (RedirectResponse("/elsewhere") if moved else inner)(scope, receive, send)

    with serving(app) as url:
        assert cli.run([*ASLEEP, "--url", url]) == 1


def test_an_interrupt_ends_the_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sleeptalk_contract.fuzzing.reaching.time.sleep", interrupted)
    assert cli.run([*ASLEEP, "--url", "http://127.0.0.1:1", "--wait-for-url", "60"]) == 130
