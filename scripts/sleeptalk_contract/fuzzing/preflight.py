"""Whether a run can be made at all, seen before it is made."""

import re
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

import httpx

from sleeptalk_contract.contract.address import checked_address, without_userinfo
from sleeptalk_contract.contract.exchange import Exchange, Knowledge
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.probe import Probe
from sleeptalk_generated.asleep.api.get_session import SESSION_ID_PATTERN
from sleeptalk_generated.phonexia.api.get_time_analysis import TASK_ID_PATTERN

_SESSION_ID: Final = re.compile(SESSION_ID_PATTERN)
_TASK_ID: Final = re.compile(TASK_ID_PATTERN)
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_CLIENT_ERRORS: Final = range(400, 500)


def check_url(url: str, target: str) -> str:
    """Return the URL that paths are added to, without a slash at its end; a receiver's URL as it is.

    Raises UsageError where no request can be sent to it, and where it has a query though paths are added to it.
    """
    parts = urlsplit(checked_address(url, "--url"))
    if target == "callback" and not parts.fragment:
        return url
    if parts.query or parts.fragment:
        raise UsageError(
            f"--url {without_userinfo(url)!r} has a query or a fragment: it takes the address that paths are added to."
        )
    return url.rstrip("/")


def check_ids(target: str, known_ids: Sequence[str]) -> None:
    """Raise UsageError when an id that is said to be known cannot be one by the contract."""
    pattern, option, form = (
        (_SESSION_ID, "--session-id", "14 digits, _ and 5 of a-z and 0-9")
        if target == "asleep"
        else (_TASK_ID, "--task-id", "a UUID")
    )
    for identifier in known_ids:
        if not pattern.fullmatch(identifier):
            raise UsageError(f"{option} {identifier!r} cannot be known to the implementation: an id is {form}.")


def check_reachable(url: str, timeout: float) -> None:
    """Open a connection, for https a secure one. Raises UsageError with what went wrong."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((host, port), timeout=timeout) as connection:
            if parts.scheme == "https":
                with httpx.create_ssl_context().wrap_socket(connection, server_hostname=host):
                    pass
    except ssl.SSLCertVerificationError as error:
        raise UsageError(
            f"The certificate of {host}:{port} is not trusted ({error.verify_message}): use an address that it is made"
            " for, or name the authority that signed it in SSL_CERT_FILE."
        ) from error
    except ssl.SSLError as error:
        raise UsageError(
            f"No TLS connection to {host}:{port} ({error.reason or 'unknown error'}): does it speak https?"
        ) from error
    except TimeoutError as error:
        raise UsageError(f"No connection to {host}:{port} within {timeout:g} s: check --url.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"No server answers at {host}:{port} ({reason}): start it or correct --url.") from error


def check_known_ids(
    send: Callable[[Probe], Exchange | None], target: str, knowledge: Knowledge, known_ids: Sequence[str]
) -> None:
    """Ask once for each id that the user calls known; `send` sends, and judges, for a first answer is one like others.

    Raises UsageError where the answer says that the key, the user or the id is not. An answer 5xx, a wrong body and
    no answer at all say nothing of the kind: they are for the rules to judge.
    """
    headers: dict[str, str] = {}
    if target == "asleep":
        headers |= {} if knowledge.api_key is None else {"x-api-key": knowledge.api_key}
        headers |= {} if knowledge.user_id is None else {"x-user-id": knowledge.user_id}
    for identifier in known_ids:
        exchange = send(Probe("known-id", identifier, headers=headers))
        if exchange is not None:
            _refuse(exchange, identifier, target, knowledge)


def check_receiver_key(send: Callable[[Probe], Exchange | None], probes: Sequence[Probe]) -> None:
    """Send a few honest callbacks to a receiver. Raises UsageError where each is refused for its key."""
    refuse_key([exchange.status for exchange in map(send, probes) if exchange is not None])


def refuse_key(statuses: Sequence[int | None]) -> None:
    """Raise UsageError where a receiver answered each of some honest callbacks that it refuses their key."""
    if statuses and set(statuses) <= {_UNAUTHORIZED, _FORBIDDEN}:
        raise UsageError(
            f"The receiver answers {statuses[0]} to honest callbacks with the key of --api-key:"
            " give the key that it expects."
        )


def _refuse(exchange: Exchange, identifier: str, target: str, knowledge: Knowledge) -> None:
    option = "--session-id" if target == "asleep" else "--task-id"
    if exchange.status in {_UNAUTHORIZED, _FORBIDDEN}:
        told = "the key of --api-key" if knowledge.api_key is not None else "a request without a key (give --api-key)"
        raise UsageError(f"The implementation answers {exchange.status} for {option} {identifier}: it refuses {told}.")
    if exchange.status == _NOT_FOUND:
        owner = "" if target == "phonexia" or knowledge.user_id is None else f" for the user {knowledge.user_id}"
        raise UsageError(f"The implementation answers 404 for {option} {identifier}: it knows no such id{owner}.")
    if exchange.status in _CLIENT_ERRORS and target == "asleep" and knowledge.user_id is None:
        raise UsageError(
            f"The implementation answers {exchange.status} for {option} {identifier} without --user-id: give it."
        )
