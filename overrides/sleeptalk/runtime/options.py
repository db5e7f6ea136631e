"""The options of a client, checked once, and its keys, which are never shown."""

from __future__ import annotations

import base64
import os
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from attrs import frozen

from sleeptalk.runtime.errors import ConfigurationError, InvalidHeaderValue
from sleeptalk.runtime.http import url_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

    from sleeptalk.recording import Recorder

BODY_LIMIT = 32 * 1024 * 1024
MOST_SECONDS = 1_000_000  # eleven days; poll(2) counts milliseconds in 32 bits, and would wrap at twice as many
HEADER_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")


@frozen(kw_only=True)
class Options:
    """The options of a client, as `Client` and its `with_options` describe them; raises ConfigurationError."""

    timeout: float = 30.0
    retries: int = 2
    body_limit: int = BODY_LIMIT
    check_ids: bool = True
    follow_redirects: bool | None = None
    recorder: Recorder | None = None

    def __attrs_post_init__(self) -> None:
        check_seconds("timeout", self.timeout)
        if type(self.retries) is not int or self.retries < 0:
            raise ConfigurationError(f"retries must be a whole number, 0 or more, not {self.retries!r}.")
        if type(self.body_limit) is not int or self.body_limit < 1:
            raise ConfigurationError(f"body_limit must be a whole number of bytes above 0, not {self.body_limit!r}.")
        if type(self.check_ids) is not bool:
            raise ConfigurationError(f"check_ids must be True or False, not {self.check_ids!r}.")
        if self.follow_redirects is not None and type(self.follow_redirects) is not bool:
            raise ConfigurationError(f"follow_redirects must be True or False, not {self.follow_redirects!r}.")


def check_seconds(name: str, seconds: float) -> None:
    """Raise ConfigurationError unless the value is a number of seconds above 0 that every clock can count."""
    number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not number or not 0 < seconds <= MOST_SECONDS:
        shown = (
            "longer" if number and seconds > MOST_SECONDS else repr(seconds)
        )  # an int of thousands of digits has no repr
        raise ConfigurationError(f"{name} must be a number of seconds above 0, at most {MOST_SECONDS}, not {shown}.")


def check_count(name: str, count: int) -> None:
    """Raise ConfigurationError unless the value is a whole number above 0."""
    if type(count) is not int or count < 1:
        raise ConfigurationError(f"{name} must be a whole number above 0, not {count!r}.")


def required(given: str | None, argument: str, variable: str) -> str:
    """Return an argument, or the environment variable that stands in for it.

    Raises ConfigurationError without either. Not for keys: see `Secret`.
    """
    return Secret.given(given, variable).required(argument, variable).reveal()


class Secret:
    """A text that repr does not show. It is revealed where a request is sent, and nowhere else.

    Its own methods check the text and raise, so that no variable in a frame of a traceback holds it.
    """

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    @classmethod
    def given(cls, value: str | None, variable: str) -> Secret:
        """Wrap an argument, or else the value from the environment, not yet checked."""
        return cls(os.environ.get(variable, "") if value is None else value)

    def __repr__(self) -> str:
        return "Secret()"

    def __bool__(self) -> bool:
        return bool(self._value)

    @property
    def value(self) -> object:
        """What was given, of whatever type."""
        return self._value

    def reveal(self) -> str:
        """Return the text itself, to put it into a header."""
        return str(self._value)

    def required(self, argument: str, variable: str) -> Secret:
        """Return the secret; raises ConfigurationError where it is empty or not a str."""
        if not isinstance(self._value, str):
            raise ConfigurationError(f"{argument} must be a str, not {type(self._value).__name__}.")
        if not self._value:
            raise ConfigurationError(f"{argument} is missing: pass it, or set {variable} in the environment.")
        return self

    def check_header(self, name: str) -> None:
        """Raise InvalidHeaderValue where the header of this name cannot carry it."""
        if not isinstance(self._value, str):
            advice = f"it must be a str, not {type(self._value).__name__}"
        elif not HEADER_VALUE.fullmatch(self._value):
            advice = "use printable ASCII, without a space at either end, and at least one character"
        else:
            return
        raise InvalidHeaderValue(f"The value for the header {name} cannot be sent: {advice}.", header=name)


class Server(NamedTuple):
    """Where the requests go, and the secrets that go with them.

    - `base_url`: without a slash at its end, and without a user and a password.
    - `secrets`: by the lower-case names of their headers.
    """

    base_url: str
    secrets: Mapping[str, Secret]

    def redact(self, text: str) -> str:
        """Return a text with each secret replaced by `[key]`."""
        for secret in self.secrets.values():
            text = text.replace(secret.reveal(), "[key]") if secret else text
        return text


def server_at(address: Secret, secrets: Mapping[str, Secret]) -> Server:
    """Make the server of an address; raises ConfigurationError where no request could be sent to it.

    A user and a password are removed from the address here, as HTTP clients log the addresses that they request. Until
    then it is a secret.
    """
    problem = _problem_of(address.value)
    if problem is not None:
        raise ConfigurationError(problem)
    parts = urlsplit(address.reveal().rstrip("/"))
    authorization = basic_authorization(parts)
    if authorization is not None:
        secrets = {**secrets, "authorization": Secret(authorization)}
    host = parts.netloc.rpartition("@")[2]
    return Server(base_url=parts._replace(netloc=host).geturl(), secrets=secrets)


def _problem_of(base_url: object) -> str | None:
    """Return what is wrong with an address, or None. An error raised here would have it in the variables of a frame."""
    if not isinstance(base_url, str):
        return f"base_url must be a str, not {type(base_url).__name__}."
    if not is_address(base_url) or not {"?", "#"}.isdisjoint(base_url):
        return "base_url is not the URL of a server: pass one such as http://appliance:8000."
    return None


def is_address(url: str) -> bool:
    """Return whether requests can be sent to a URL: http or https, a valid host and port, all in ASCII."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        url_of(url)
    except ValueError:
        return False
    return usable and re.fullmatch("[!-~]+", url) is not None


def basic_authorization(parts: SplitResult) -> str | None:
    """Return the header that sends the user and the password of a URL; None where it has none."""
    if not parts.username and not parts.password:
        return None
    credentials = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return f"Basic {base64.b64encode(credentials.encode()).decode()}"
