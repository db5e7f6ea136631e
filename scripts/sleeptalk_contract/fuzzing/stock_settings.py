"""How a run of schemathesis by itself reaches a target, and what it knows of it, as its own configuration says."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from schemathesis import Case, CheckContext

from sleeptalk_contract.contract.access import Access, tls_context
from sleeptalk_contract.contract.exchange import Knowledge
from sleeptalk_contract.contract.redaction import remember_key
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.preflight import check_ids

REQUESTS: Final = "contract.requests"
"""The check that sends the requests that particular rules need, and fails where that cannot be done.

Its settings in schemathesis.toml: `tried_ids` has ids that are answered with a documented refusal, to ask for them too;
`allow_writes` lets particular requests make and delete things, as `sleeptalk fuzz --allow-writes` does.
"""

_TIMEOUT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run reaches an implementation, and what it knows of it.

    `timeout` is that of one request, in seconds. `unasked` says why the requests that particular rules need are not to
    be sent at all, empty where they are; `tried_ids` and `allow_writes` are the settings of the check that sends them.
    `unset` has the headers of credentials that schemathesis was not given for its own requests.
    """

    base_url: str
    knowledge: Knowledge = field(repr=False)
    access: Access
    timeout: float
    unasked: str
    tried_ids: tuple[str, ...]
    allow_writes: bool
    unset: tuple[str, ...]

    def plan(self, target: Target) -> Plan:
        """Return the plan of the requests that particular rules of a target need."""
        return Plan(
            target,
            self.base_url,
            self.knowledge.credentials,
            tuple(sorted(self.knowledge.known_ids)),
            self.tried_ids,
            request_timeout=self.timeout,
            access=self.access,
            allow_writes=self.allow_writes,
        )


def settings_of(target: Target, ctx: CheckContext, case: Case[Any], base_url: str) -> Settings:
    """Return how the run that a case belongs to reaches a target; `base_url` is where the case was sent."""
    config = case.operation.schema.config
    configured = {name.lower(): _text(value) for name, value in config.headers_for(operation=case.operation).items()}
    given = {name.lower(): _text(value) for name, value in (ctx.internals.headers or {}).items()}
    credentials: dict[str, str] = {}
    unset: list[str] = []
    for credential in target.credentials:
        drawn = _configured(config, case, "header", credential.header)
        values = (given.get(credential.header), configured.get(credential.header), *drawn[:1])
        set_value = next(filter(None, values), None)
        if not set_value:
            unset.append(credential.header)
        value = set_value or os.environ.get(credential.variable)
        if credential.secret:
            remember_key(value)
        if value:
            credentials[credential.header] = value
    known = target.known_ids
    ids = () if known is None else _configured(config, case, "path", known.parameter)
    sent: Mapping[str, Any] = ctx.internals.transport_kwargs or {}
    own = {credential.header for credential in target.credentials}
    checks = config.checks_config_for()
    asked: Mapping[str, Any] = checks.custom_kwargs.get(REQUESTS, {})
    unasked = "" if checks.get_by_name(name=REQUESTS).enabled else f"the check {REQUESTS} is off"
    if case.operation.app is not None:
        unasked = "the application is called in this process, without an address"
    return Settings(
        base_url,
        Knowledge(credentials, frozenset(ids)),
        _access(sent, tuple((name, value) for name, value in configured.items() if name not in own)),
        _timeout(sent),
        unasked,
        tuple(each for each in asked.get("tried_ids", ()) if can_be_of(target, each)),
        bool(asked.get("allow_writes")),
        tuple(unset),
    )


def can_be_of(target: Target, identifier: str) -> bool:
    """Whether an id has the form of a target's."""
    try:
        check_ids(target, [identifier])
    except UsageError:
        return False
    return target.known_ids is not None


def in_its_words(text: str, target: Target) -> str:
    """Return a sentence about a run in which options of `sleeptalk` are called as schemathesis.toml calls them."""
    names = dict(_names(target))
    return re.sub(r"--[a-z][a-z-]*", lambda found: names.get(found.group(), found.group()), text)


def _names(target: Target) -> Iterator[tuple[str, str]]:
    for credential in target.credentials:
        yield credential.option, f"the header {credential.header}"
    if target.known_ids is not None:
        yield target.known_ids.option, f"path.{target.known_ids.parameter}"


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _configured(config: Any, case: Case[Any], place: str, name: str) -> tuple[str, ...]:
    """Return the values that schemathesis.toml binds to a parameter of an operation: one, or those of a dictionary.

    Where it binds none to it, those that it binds to the same parameter of another operation.
    """
    own = config.operations.get_for_operation(case.operation).parameters
    others = (each.parameters for each in config.operations.operations)  # what is known is known to all of them
    for parameters in (own, config.parameters, *others):
        by_name = {key.lower(): value for key, value in (parameters or {}).items()}
        value = by_name.get(f"{place}.{name}".lower(), by_name.get(name.lower()))
        if isinstance(value, str):
            return (value,)
        if value is not None and hasattr(value, "dictionary"):
            return tuple(str(entry.value) for entry in config.dictionaries[value.dictionary].entries)
    return ()


def _access(sent: Mapping[str, Any], headers: tuple[tuple[str, str], ...]) -> Access:
    """Return how schemathesis was told to reach an implementation: proxy, what TLS trusts and shows, and headers."""
    verify, cert = sent.get("verify", True), sent.get("cert")
    files = (cert, None) if isinstance(cert, str) else cert or (None, None)
    shown, key = (None if each is None else Path(each) for each in files)
    cacert = Path(verify) if isinstance(verify, str) else None
    tls = None
    if verify is not True or shown is not None:
        with suppress(UsageError):  # schemathesis itself could not have reached it
            tls = tls_context(cacert, shown, key, insecure=verify is False)
    proxy = (sent.get("proxies") or {}).get("all")
    return Access(headers, proxy, tls, shows_certificate=shown is not None)


def _timeout(sent: Mapping[str, Any]) -> float:
    timeout = sent.get("timeout")
    return float(timeout) if isinstance(timeout, int | float) else _TIMEOUT_SECONDS
