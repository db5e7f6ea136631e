"""An exchange as it may be shown and stored: keys replaced by what they were, bodies as text."""

import base64
import re
import shlex
from collections.abc import Mapping
from typing import Final, TypedDict

from sleeptalk_contract.contract.address import without_name
from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.keys import KEY_HEADER, KEY_VARIABLES, key_kind, shell_header
from sleeptalk_contract.contract.redaction import redacted, redacted_bytes

_UNSHOWN: Final = frozenset(
    {"user-agent", "accept-encoding", "connection", "content-length", "host"}
    | {KEY_HEADER, "authorization", "proxy-authorization", "cookie"}
)
"""Request headers that say nothing of the request, and those that carry secrets."""

_LONGEST_BODY: Final = 64 * 1024


class ShownExchange(TypedDict):
    """An exchange as a JSON object without keys: `key` says what the sent key was (see keys.py)."""

    target: str
    intent: str
    method: str
    url: str
    key: str
    headers: dict[str, str]
    body: str | dict[str, str] | None
    status: int | None
    failure: str | None
    seconds: float
    answer_headers: dict[str, str]
    answer: str | dict[str, str]


EXCHANGE_KEYS: Final = ShownExchange.__required_keys__
"""What every exchange in a case file has."""


def shown_exchange(exchange: Exchange, key: str | None) -> ShownExchange:
    """Give an exchange without keys: what a report shows, and what `sleeptalk replay` sends again."""
    headers = {
        name: redacted(value) for name, value in exchange.request_headers.items() if _says_something(name, value)
    }
    return {
        "target": exchange.target,
        "intent": exchange.intent,
        "method": exchange.method,
        "url": without_userinfo(exchange.url),
        "key": key_kind(exchange.request_headers.get(KEY_HEADER), key),
        "headers": headers,
        "body": None if exchange.request_body is None else _text(exchange.request_body, _LONGEST_BODY * 16),
        "status": exchange.status,
        "failure": exchange.failure,
        "seconds": round(exchange.seconds, 3),
        "answer_headers": {name: redacted(value) for name, value in exchange.response_headers.items()},
        "answer": _text(exchange.response_body, _LONGEST_BODY),
    }


def _says_something(name: str, value: str) -> bool:
    return name not in _UNSHOWN and not (name == "accept" and ("json" in value or value == "*/*"))


def curl(shown: Mapping[str, object]) -> str:
    """Write the request of a shown exchange as a curl command that reads the key from the environment."""
    variable = KEY_VARIABLES[str(shown["target"])]
    parts = ["curl", "-i"]
    if shown["method"] != "GET":
        parts += ["-X", shlex.quote(str(shown["method"]))]
    key_header = shell_header(str(shown["key"]), variable)
    if key_header is not None:
        parts += ["-H", key_header]
    headers = shown["headers"]
    for name, value in headers.items() if isinstance(headers, Mapping) else ():
        parts += ["-H", shlex.quote(f"{name}: {value}" if value else f"{name};")]
    body = shown["body"]
    if isinstance(body, str):
        parts += ["--data-binary", shlex.quote(body)]
    elif isinstance(body, Mapping):
        return f"printf %s {shlex.quote(str(body['base64']))} | base64 -d | " + " ".join(
            [*parts, "--data-binary", "@-", shlex.quote(str(shown["url"]))]
        )
    return " ".join([*parts, shlex.quote(str(shown["url"]))])


def body_bytes(body: object) -> bytes | None:
    """Give back the bytes of a body as `shown_exchange` wrote it."""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, Mapping):
        return base64.b64decode(str(body["base64"]))
    return None


def without_userinfo(url: str) -> str:
    """Give an address as it may be shown: without name, password and keys."""
    return redacted(without_name(url))


def _text(body: bytes, limit: int) -> str | dict[str, str]:
    """Give a body as text, or as base64 where it is no printable UTF-8; clipped to `limit` bytes.

    Keys are replaced before anything else: half a key, or one in base64, would not be found.
    """
    shown = redacted_bytes(body)
    clipped = shown[:limit]
    try:
        text = clipped.decode() if len(shown) <= limit else clipped.decode(errors="ignore")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(clipped).decode()}
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        return {"base64": base64.b64encode(text.encode()).decode()}
    return text + ("" if len(shown) <= limit else f"... ({len(body)} bytes in all)")
