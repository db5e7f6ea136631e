"""How a proxy reaches the server behind it, and what it says where it cannot."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.certificates import make_certificate, needs_openssl, server_context
from tests.proxying.peers import DEADLINE, heard, proxied, refused, said

HEAD = b"GET /one HTTP/1.1\r\nHost: there:1\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def serving(
    host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None, answer: bytes = OK
) -> Iterator[tuple[int, list[bytes]]]:
    """Answer the first request of each connection; yield the port, and the heads that came."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    heads: list[bytes] = []
    with socket.create_server((host, port), family=family) as server:
        threading.Thread(target=_serve, args=(server, tls, answer, heads), daemon=True).start()
        yield server.getsockname()[1], heads


def _serve(server: socket.socket, tls: ssl.SSLContext | None, answer: bytes, heads: list[bytes]) -> None:
    while True:
        try:
            plain, _ = server.accept()
            connection = plain if tls is None else tls.wrap_socket(plain, server_side=True)
        except OSError:
            if server.fileno() < 0:
                return
            continue
        with connection:
            heads.append(heard(connection, b"\r\n\r\n"))
            connection.sendall(answer)
            heard(connection, b"never")


def test_a_path_in_the_address_comes_before_each_path_and_the_host_is_that_of_the_server() -> None:
    with serving() as (port, heads), proxied(f"http://localhost:{port}/base/") as proxy:
        sent = b"GET /a/../b?to=/c HTTP/1.1\r\nX: host: a\r\nhOsT: there:1\r\n\r\n"
        assert said(proxy.port, sent, OK) == OK
    assert heads == [b"GET /base/a/../b?to=/c HTTP/1.1\r\nX: host: a\r\nhOsT: localhost:%d\r\n\r\n" % port]


@pytest.mark.skipif(not socket.has_ipv6, reason="this system has no IPv6")
def test_ipv6_is_listened_on_and_reached() -> None:
    with (
        serving("::1") as (port, heads),
        proxied(f"http://[::1]:{port}", "--host", "::1") as proxy,
        socket.create_connection(("::1", proxy.port), timeout=DEADLINE) as connection,
    ):
        connection.sendall(HEAD)
        assert heard(connection, OK) == OK
    assert heads == [b"GET /one HTTP/1.1\r\nHost: [::1]:%d\r\n\r\n" % port]


@needs_openssl
def test_tls_trusts_what_it_is_told_to(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    context = server_context(certificate)
    with serving(tls=context) as (port, heads):
        to = f"https://127.0.0.1:{port}"
        with (
            proxied(to) as doubting,
            proxied(to, "--cacert", certificate) as trusting,
            proxied(to, "--insecure") as blind,
        ):
            assert blind.process.stdout is not None
            assert blind.process.stdout.readline() == (
                "Warning: the certificate of the server is not checked (--insecure).\n"
            )
            answer = said(doubting.port, HEAD, b"never")
            assert said(trusting.port, HEAD, OK) == OK
            assert said(blind.port, HEAD, OK) == OK
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\nproxy-status: sleeptalk; error=tls_certificate_error\r\n")
    assert b"has no certificate that is trusted (self" in answer
    assert len(heads) == 2


@needs_openssl
def test_a_client_that_leaves_ends_the_connection_by_tls(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    context = server_context(certificate)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        proxied(f"https://127.0.0.1:{server.getsockname()[1]}", "--insecure") as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), timeout=DEADLINE) as client,
    ):
        client.sendall(HEAD)
        plain, _ = server.accept()
        with context.wrap_socket(plain, server_side=True) as upstream:
            heard(upstream, b"\r\n\r\n")
            client.shutdown(socket.SHUT_WR)  # it still reads
            upstream.sendall(OK)
            assert heard(client, b"never") == OK
            assert upstream.recv(1) == b""


def test_a_server_that_comes_later_is_reached_then() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with proxied(f"http://127.0.0.1:{port}") as proxy:
            answer = said(proxy.port, HEAD, b"never")
            bound.close()
            with serving(port=port):
                assert said(proxy.port, HEAD, OK) == OK
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\nproxy-status: sleeptalk; error=connection_refused\r\n")
    assert b"cannot be reached (Connection refused)." in answer


def test_a_name_that_does_not_exist_is_a_502_that_says_so() -> None:
    with proxied("http://nowhere.invalid") as proxy:
        answer = said(proxy.port, b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", b"never")
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\nproxy-status: sleeptalk; error=dns_error\r\n")
    assert answer.endswith(b"\r\n\r\n")  # nothing follows the head of an answer to HEAD


def test_a_server_that_hangs_is_a_504_after_the_time_that_is_given() -> None:
    with serving(answer=b"") as (port, _), proxied(f"http://127.0.0.1:{port}", "--request-timeout", "0.2") as proxy:
        answer = said(proxy.port, HEAD, b"never")
        code, out, _ = proxy.stop()
    assert answer.startswith(
        b"HTTP/1.1 504 Gateway Timeout\r\nproxy-status: sleeptalk; error=http_response_timeout\r\n"
    )
    assert b"has not begun to answer within 0.2 s." in answer
    assert code == 2
    assert "Not judged: 1 exchange of no operation." in out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--to", "ftp://h"), "--to 'ftp://h' is not an address"),
        (("--to", "h:1"), "--to 'h:1' has no scheme: write --to http://h:1 or https://h:1."),
        (("--to", "http://h/a?b=c"), "--to http://h/a?b=c has a query or a fragment"),
        (("--to", "http://me:secretive@h"), "--to has a name or password, which would not be sent"),
        (("--to", "http://h", "--insecure"), "--insecure needs an https address: --to has none."),
        (("--to", "https://h", "--cacert", "/no/file"), "--cacert /no/file cannot be read (No such file or directory)"),
        (("--to", "http://h", "--record", "/no/file"), "The recording /no/file cannot be opened (No such file"),
        (("--to", "http://h", "--report-dir", "/dev/null/a"), "The report folder /dev/null/a cannot be written"),
        (("--to", "http://h", "--host", "no.such.invalid"), "no.such.invalid port 0 cannot be opened"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(options: tuple[str, ...], sentence: str) -> None:
    code, out, err = refused("--port", "0", *options)
    assert (code, out) == (2, "")
    assert sentence in err
    assert "secretive" not in err
    assert len(err.splitlines()) == 1


def test_a_port_that_is_taken_and_the_proxy_itself_are_no_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = refused("--to", "http://h", "--port", port)
        assert code == 2
        assert err.startswith(f"sleeptalk: 127.0.0.1 port {port} cannot be opened (Address already in use): choose")
    code, _, err = refused("--to", f"http://localhost:{port}", "--port", port)
    assert code == 2
    assert "--to is the address of the proxy itself" in err
    code, _, err = refused("--to", f"http://127.0.0.1:{port}", "--port", port, "--host", "0.0.0.0")
    assert code == 2
    assert "--to is the address of the proxy itself" in err
