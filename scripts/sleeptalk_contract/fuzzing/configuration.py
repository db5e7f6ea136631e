"""How schemathesis is set up: the same seed sends the same requests, and nothing is written into the user's folder."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemathesis import Config

from sleeptalk_contract.fuzzing.document import TIMEZONES, identifier_parameter

CHECK: Final = "contract_rules"
"""The one check that runs: it judges each exchange by the rules (see engine.py)."""

KNOWN_ID_SHARE: Final = 0.8
TIMEZONE_SHARE: Final = 0.9
USER_ID_SHARE: Final = 0.95


def configuration(
    target: str, url: str, known_ids: Sequence[str], user_id: str | None, *, seed: int, max_examples: int
) -> Config:
    """Make the configuration of one run.

    Known ids, the user's id and time zones are dictionaries that generated requests mostly draw from. What schemathesis
    would learn from answers is switched off: a request must depend on the seed alone.
    """
    dictionaries: dict[str, Any] = {}
    parameters: dict[str, Any] = {}
    identifier = identifier_parameter(target)
    if identifier is not None and known_ids:
        dictionaries["known-ids"] = {"values": list(known_ids)}
        parameters[f"path.{identifier}"] = _drawn("known-ids", KNOWN_ID_SHARE)
    if target == "asleep":
        dictionaries["timezones"] = {"values": list(TIMEZONES)}
        parameters["header.timezone"] = _drawn("timezones", TIMEZONE_SHARE)
    if target != "phonexia" and user_id:
        dictionaries["user-ids"] = {"values": [user_id]}
        parameters["header.x-user-id"] = _drawn("user-ids", USER_ID_SHARE)
    return Config.from_dict(
        {
            "seed": seed,
            "base-url": url,
            "workers": 1,
            "continue-on-failure": True,
            "max-redirects": 0,
            "suppress-health-check": ["all"],
            "cache": {"enabled": False},
            "dictionaries": dictionaries,
            "parameters": parameters,
            "generation": {
                "mode": "all",
                "max-examples": max_examples,
                "database": "none",
                "no-shrink": True,
                "unique-inputs": True,
                "allow-x00": False,
                "with-security-parameters": False,
            },
            "checks": {"enabled": False, CHECK: {"enabled": True}},
            "phases": {
                "examples": {"enabled": True, "fill-missing": False, "extra-data-sources": {"responses": False}},
                # Other methods are tried by the rules phase, which spares known ids from DELETE.
                "coverage": {"enabled": True, "unexpected-methods": [], "extra-data-sources": {"responses": False}},
                "fuzzing": {
                    "enabled": True,
                    "extra-data-sources": {"responses": False},
                    "error-feedback": {"enabled": False},
                },
                "stateful": {"enabled": False},
            },
        }
    )


def _drawn(dictionary: str, share: float) -> Mapping[str, Any]:
    return {"dictionary": dictionary, "probability": share}
