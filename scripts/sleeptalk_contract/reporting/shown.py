"""An exchange as it may be shown and stored: keys replaced by what they were, bodies as text."""

import base64
import re
import shlex
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from sleeptalk_contract.exchange import Exchange
from sleeptalk_contract.redaction import redacted

KEY_HEADER: Final = "x-api-key"
KEY_VARIABLES: Final = {"asleep": "ASLEEP_API_KEY", "callback": "SLEEPTALK_CALLBACK_KEY", "phonexia": "ASLEEP_API_KEY"}
"""The environment variable that a curl command reads the key from."""

_KEY_EXPRESSIONS: Final = {  # what the key was: how a shell makes it from the right one
    "right": '"x-api-key: ${variable}"',
    "empty": "'x-api-key;'",
    "wrong": "'x-api-key: a-wrong-key'",
    "truncated": '"x-api-key: ${{variable}%?}"',
    "extended": '"x-api-key: ${{variable}}x"',
    "recased": '"x-api-key: $(printf %s "${variable}" | tr a-zA-Z A-Za-z)"',
}
_UNSHOWN: Final = frozenset({"user-agent", "accept", "accept-encoding", "connection", "content-length", "host"})
_LONGEST_BODY: Final = 64 * 1024


def key_kind(value: str | None, key: str | None) -> str:
    """Say what a sent key was compared with the right one: "right", "missing", "empty", "truncated", ... or "wrong"."""
    if value is None:
        return "missing"
    if value == "":
        return "empty"
    if key is None:
        return "wrong"
    kinds = {key: "right", key[:-1]: "truncated", key + "x": "extended", key.swapcase(): "recased"}
    return kinds.get(value, "wrong")


def spoiled_key(kind: str, key: str) -> str | None:
    """Make the key that `key_kind` calls `kind`; None for a missing one."""
    made = {
        "right": key,
        "empty": "",
        "wrong": "0" * len(key),
        "truncated": key[:-1],
        "extended": key + "x",
        "recased": key.swapcase(),
    }
    return made.get(kind)


def shown_exchange(exchange: Exchange, key: str | None) -> dict[str, object]:
    """Give an exchange as a JSON object without keys: what a report shows, and what `sleeptalk replay` sends again."""
    headers = {
        name: redacted(value)
        for name, value in exchange.request_headers.items()
        if name not in _UNSHOWN and name != KEY_HEADER
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


def curl(shown: Mapping[str, object]) -> str:
    """Write the request of a shown exchange as a curl command that reads the key from the environment."""
    variable = KEY_VARIABLES[str(shown["target"])]
    parts = ["curl", "-i"]
    if shown["method"] != "GET":
        parts += ["-X", shlex.quote(str(shown["method"]))]
    expression = _KEY_EXPRESSIONS.get(str(shown["key"]))
    if expression is not None:
        parts += ["-H", expression.replace("{variable}", variable)]
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
    """Leave a name and password out of a URL."""
    parts = urlsplit(url)
    return redacted(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])))


def _text(body: bytes, limit: int) -> str | dict[str, str]:
    """Give a body as text, or as base64 where it is no printable UTF-8; clipped to `limit` bytes."""
    clipped = body[:limit]
    try:
        text = clipped.decode() if len(body) <= limit else clipped.decode(errors="ignore")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(clipped).decode()}
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        return {"base64": base64.b64encode(redacted(text).encode()).decode()}
    return redacted(text) + ("" if len(body) <= limit else f"... ({len(body)} bytes in all)")
