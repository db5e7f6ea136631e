"""Whether requests reach an implementation at all: its address, the connection, and what stands in front of it."""

from __future__ import annotations

import html
import re
import socket
import ssl
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpcore

from sleeptalk_contract.contract.address import (
    authorization,
    checked_address,
    host_and_port,
    redacted_url,
    request_target,
    without_userinfo,
)
from sleeptalk_contract.contract.redaction import shortened
from sleeptalk_contract.contract.usage import UsageError, one_line
from sleeptalk_contract.contract.wire import Wire
from sleeptalk_contract.fuzzing.probe import planned
from sleeptalk_contract.fuzzing.request import Request
from sleeptalk_contract.judging.judge import Judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sleeptalk_contract.contract.access import Access
    from sleeptalk_contract.contract.exchange import Answer, Exchange
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Target
    from sleeptalk_contract.fuzzing.plan import Plan
    from sleeptalk_contract.fuzzing.probe import Probe

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_BAD_REQUEST: Final = 400
_PROXY_REFUSES: Final = 407
_NOT_THERE: Final = frozenset({502, 503, 504})
"""What a gateway or a proxy answers while nothing answers behind it."""

_UNMISTAKABLE: Final = 2
"""Segments at the end of a base path that the document repeats, and that are not there by chance."""

_LOOK_EVERY_SECONDS: Final = 0.2
_HANDSHAKE_SECONDS: Final = 3.0
"""A server that does not speak TLS may wait for the rest of what it takes for a request."""

_LONGEST_LOCATION: Final = 200
_LONGEST_TITLE: Final = 60
_PAGE: Final = re.compile(rb"\s*<(!doctype html|html)\b", re.IGNORECASE)
_TITLE: Final = re.compile(rb"<title[^>]{0,200}>([^<]{1,500})</title", re.IGNORECASE)
_ASKS_FOR_CERTIFICATE: Final = (
    "CERTIFICATE_REQUIRED",
    "BAD_CERTIFICATE",
    "HANDSHAKE_FAILURE",
    "UNKNOWN_CA",
    "CERTIFICATE_UNKNOWN",
)


def check_url(url: str, target: Target) -> str:
    """Return the URL that paths are added to, without a slash at its end; a receiver's URL as it is.

    Raises UsageError where no request can be sent to it, and where it has a query or a part of the document's own path
    though paths are added to it.
    """
    parts = urlsplit(checked_address(url, "--url"))
    if target.has("receiver") and not parts.fragment:
        return url
    if parts.query or parts.fragment:
        raise UsageError(
            f"--url {without_userinfo(url)!r} has a query or a fragment: pass the address that paths are added to."
        )
    address = url.rstrip("/")
    repeated = _repeated(address, target)
    if len(repeated) >= _UNMISTAKABLE:
        raise _repeats(address, repeated)
    return address


def _repeated(url: str, target: Target) -> list[str]:
    """Return the segments at the end of an address with which a path of the document begins, as many as there are."""
    given = urlsplit(url).path.split("/")[1:]
    most: list[str] = []
    for operation in target.operations:
        own = [] if operation.is_webhook else operation.path.split("/")[1:]
        for count in range(len(most) + 1, min(len(own), len(given)) + 1):
            pairs = zip(given[-count:], own[:count], strict=True)
            if all(segment == part or (part.startswith("{") and segment) for segment, part in pairs):
                most = given[-count:]
    return most


def _shorter(url: str, segments: Sequence[str]) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.removesuffix("/" + "/".join(segments))))


def _repeats(url: str, segments: Sequence[str]) -> UsageError:
    return UsageError(
        f"--url {without_userinfo(url)!r} ends in /{'/'.join(segments)}, with which the paths of the document begin:"
        f" pass {without_userinfo(_shorter(url, segments))!r}, to which they are added."
    )


def check_reachable(url: str, timeout: float, access: Access) -> None:
    """Open a connection, and for https or through a proxy send a GET of the address, whose answer does not matter.

    Raises UsageError with what went wrong.
    """
    _open(url, timeout, access)
    if urlsplit(url).scheme != "https" and access.proxy is None:
        return
    answer, error = _got(url, timeout, access)
    if error is not None:
        _explain(error, url, timeout, access)
    if access.proxy is not None and answer.status in _NOT_THERE | {_PROXY_REFUSES}:
        host, port = host_and_port(url)
        advice = "give its name and password in --proxy" if answer.status == _PROXY_REFUSES else "does it reach it?"
        raise UsageError(f"The proxy {access.shown_proxy} answers {answer.status} for {host}:{port}: {advice}.")


def _got(url: str, timeout: float, access: Access) -> tuple[Answer, Exception | None]:
    """Send a GET of an address; return its answer, and why that is not a whole one, None where it is."""
    with closing(Wire(url, timeout, access=access)) as wire:
        answer = wire.exchange("GET", request_target(url), authorization(url).items(), None)
    return answer, wire.error


def _open(url: str, timeout: float, access: Access) -> None:
    """Open a connection to the implementation, or to the proxy. Raises UsageError where it cannot be had."""
    host, port = access.first_stop(url)
    option = "--url" if access.proxy is None else "--proxy"
    try:
        socket.create_connection((host, port), timeout=timeout).close()
    except TimeoutError as error:
        raise UsageError(f"No connection to {host}:{port} within {timeout:g} s: check {option}.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        who = "server" if access.proxy is None else "proxy"
        raise UsageError(f"No {who} answers at {host}:{port} ({reason}): start it or correct {option}.") from error


def _explain(error: Exception, url: str, timeout: float, access: Access) -> None:
    """Raise UsageError where an error says that no request can reach the implementation; others are for the rules."""
    host, port = host_and_port(url) if urlsplit(url).scheme == "https" else access.first_stop(url)
    if isinstance(error, httpcore.ProxyError):
        raise UsageError(
            f"The proxy {access.shown_proxy} does not connect to {host}:{port} ({one_line(str(error))}): give its name"
            " and password in --proxy, or check whether it may."
        ) from error
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise UsageError(
                f"The certificate of {host}:{port} is not trusted ({cause.verify_message}): use an address that it is"
                " made for, or name the authority that signed it with --cacert."
            ) from error
        if isinstance(cause, ssl.SSLError):
            reason = cause.reason or "unknown error"
            if any(each in reason for each in _ASKS_FOR_CERTIFICATE):
                what = "refuses the certificate of --cert" if access.shows_certificate else "may ask for a certificate"
                advice = "name another" if access.shows_certificate else "name yours with --cert"
                raise UsageError(f"{host}:{port} {what} ({reason}): {advice}.") from error
            raise UsageError(f"No TLS connection to {host}:{port} ({reason}): does it speak https?") from error
    if isinstance(error, httpcore.ConnectTimeout):
        raise UsageError(f"No connection to {host}:{port} within {timeout:g} s: check --url.") from error
    if isinstance(error, httpcore.ConnectError):
        raise UsageError(
            f"No TLS connection to {host}:{port} ({one_line(str(error)) or 'it hung up'}): does it speak https?"
        ) from error


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def wait_until_answered(url: str, seconds: float, timeout: float, access: Access, told: Callable[[str], None]) -> None:
    """Wait until an address answers a GET with anything but 502, 503 or 504, which are those of a gateway in front.

    `told` is given a sentence when the waiting begins. Raises UsageError after `seconds` without such an answer, and at
    once for a certificate that is not trusted, which no waiting mends.
    """
    deadline = time.monotonic() + seconds
    waiting = False
    while True:
        left = deadline - time.monotonic()
        answer, error = _got(url, max(min(timeout, left), _LOOK_EVERY_SECONDS), access)
        if answer.status is not None and answer.status not in _NOT_THERE:
            return
        if error is not None and any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
            _explain(error, url, timeout, access)
        if not waiting:
            told(f"Waiting for {redacted_url(url)}, at most {seconds:g} s.")
            waiting = True
        if time.monotonic() + _LOOK_EVERY_SECONDS >= deadline:
            raise UsageError(_still_waiting(url, seconds, answer, error))
        time.sleep(_LOOK_EVERY_SECONDS)


def _still_waiting(url: str, seconds: float, answer: Answer, error: Exception | None) -> str:
    last = f"its last answer was {answer.status}"
    if answer.status is None:
        reasons = [cause.strerror for cause in _causes(error) if isinstance(cause, OSError) and cause.strerror]
        last = reasons[0] if reasons else one_line(str(error or "")) or "it does not answer in time"
    return f"{redacted_url(url)} did not answer within the {seconds:g} s of --wait-for-url: {last}."


def check_scheme(plan: Plan, first: Exchange) -> None:
    """Check that what hangs up on the first plain request, or answers it 400, is not a server that speaks TLS.

    Raises UsageError where it is one.
    """
    hangs_up_or_refuses = first.failure == "connection" or first.status == _BAD_REQUEST
    if urlsplit(plan.url).scheme != "http" or plan.access.proxy is not None or not hangs_up_or_refuses:
        return
    host, port = host_and_port(plan.url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=min(plan.request_timeout, _HANDSHAKE_SECONDS)) as connection,
            context.wrap_socket(connection, server_hostname=host),
        ):
            pass
    except (OSError, ValueError):
        return
    secure = without_userinfo(urlunsplit(urlsplit(plan.url)._replace(scheme="https")))
    raise UsageError(f"{host}:{port} speaks TLS, and does not take plain http: pass --url {secure}.")


def check_front(plan: Plan, seen: Sequence[Exchange]) -> None:
    """Check that no redirect and no web page stands in front; `seen` are the exchanges that were made so far.

    Without any, a first request is sent, and not judged. Raises UsageError with where the redirect leads, or which page
    it is.
    """
    exchanges = seen or [exchange for exchange in (_first_exchange(plan, plan.url),) if exchange is not None]
    if exchanges and not seen:
        check_scheme(plan, exchanges[0])
    if exchanges and all(_is_web_page(exchange) for exchange in exchanges):
        raise _web_page(exchanges[0])
    if not exchanges or not all(exchange.status in REDIRECTS for exchange in exchanges):
        return
    first = exchanges[0]
    location = urljoin(first.url, first.response_headers.get("location", ""))
    raise UsageError(
        f"A redirect stands in front of the implementation: it answers {first.status} and leads to"
        f" {shortened(one_line(redacted_url(location)), _LONGEST_LOCATION)}: {_advice(plan.url, first.url, location)}."
    )


def _is_web_page(exchange: Exchange) -> bool:
    """Whether an answer is an HTML page with a 2xx status, as of a login; a receiver may answer with one."""
    is_html = exchange.response_headers.get("content-type", "").partition(";")[0].strip().lower() == "text/html"
    is_page = _PAGE.match(exchange.response_body) is not None
    return exchange.role == "provider" and exchange.successful and is_html and is_page


def _web_page(exchange: Exchange) -> UsageError:
    found = _TITLE.search(exchange.response_body)
    title = "" if found is None else one_line(html.unescape(found[1].decode("utf-8", "replace"))).strip()
    named = f", titled {shortened(title, _LONGEST_TITLE)!r}," if title else ""
    return UsageError(
        f"A web page stands in front of the implementation: it answers {exchange.status} and HTML{named} to"
        f" {exchange.method} {redacted_url(exchange.url)}: pass the address behind it with --url, or what it asks for"
        " with -H."
    )


def _advice(url: str, asked: str, location: str) -> str:
    """Return what helps against a redirect: the address that paths are to be added to, if it leads to the same path."""
    below = without_userinfo(asked).removeprefix(without_userinfo(url))
    if below and location == f"{without_userinfo(asked)}/":
        return "serve the paths of the contract as they are, without a slash at their end"
    base, leads_on = location, urlsplit(location).path.rstrip("/") == urlsplit(asked).path.rstrip("/")
    if below:
        base, leads_on = location.removesuffix("/").removesuffix(below), location.removesuffix("/").endswith(below)
    if leads_on:
        return f"pass --url {one_line(redacted_url(base))}"
    return "pass the address behind it with --url, or what it asks for with -H"


def check_base_path(plan: Plan) -> None:
    """Check that a base path of which the document may repeat the end is meant, by asking with it and without.

    Raises UsageError where only the shorter address answers as the contract says. Neither answer counts.
    """
    repeated = _repeated(plan.url, plan.target)
    if not repeated:
        return
    given, shorter = (_first_exchange(plan, url) for url in (plan.url, _shorter(plan.url, repeated)))
    if given is None or shorter is None or shorter.status is None:
        return
    there, here = (Judge(plan.target, plan.knowledge).judge(each) for each in (given, shorter))
    fails = there.breaches or (here.succeeded and not there.succeeded)
    if fails and here.checked and not here.breaches:
        raise _repeats(plan.url, repeated)


def _first_exchange(plan: Plan, url: str) -> Exchange | None:
    """Send the first request that changes nothing to an address, past everything that counts; None without one."""
    found = _harmless(plan)
    if found is None:
        return None
    operation, probe = found
    asked = without_userinfo(url)
    if not operation.is_webhook:
        parts = urlsplit(asked)
        path = parts.path.rstrip("/") + operation.path_of(probe.path_parameters)
        asked = urlunsplit(parts._replace(path=path))
    request = Request(
        operation,
        probe.intent,
        operation.method,
        asked,
        (*probe.headers.items(), *authorization(url).items()),
        probe.body,
        probe.path_parameters,
    )
    with closing(Wire(url, plan.request_timeout, access=plan.access)) as wire:
        return request.answered(wire.exchange(request.method, request.target, request.wire_headers, request.body))


def _harmless(plan: Plan) -> tuple[Operation, Probe] | None:
    """Return the first probe that only reads, or that a receiver is to refuse; None where a target has none."""
    for step in plan.target.probes(plan.knowledge, plan.ids):
        for probe in planned(step):
            operation = plan.target.operation(probe.operation)
            harmless = operation.method == "GET" or (operation.is_webhook and plan.key is None)
            if probe.method is None and not probe.query and harmless:
                return operation, probe
    return None
