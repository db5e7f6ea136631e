"""How schemathesis is set up: the same seed sends the same requests, and nothing is written into the user's folder."""

from collections.abc import Mapping, Sequence
from typing import Final

from schemathesis import Config

from sleeptalk_contract.contract.service import Target

CHECK: Final = "contract_rules"
"""The one check that runs: it judges each exchange by the rules (see engine.py)."""

KNOWN_ID_SHARE: Final = 0.8
CREDENTIAL_SHARE: Final = 0.95


def configuration(
    target: Target, url: str, ids: Sequence[str], credentials: Mapping[str, str], *, seed: int, max_examples: int
) -> Config:
    """Make the configuration of one run.

    Known ids, the user's credentials and the target's dictionaries are what generated requests mostly draw from. What
    schemathesis would learn from answers is switched off: a request must depend on the seed alone.
    """
    drawn: dict[str, tuple[Sequence[str], float]] = dict(target.dictionaries)
    if target.known_ids is not None and ids:
        drawn[f"path.{target.known_ids.parameter}"] = (ids, KNOWN_ID_SHARE)
    for credential in target.credentials:
        if not credential.secret and credential.header in credentials:
            drawn[f"header.{credential.header}"] = ((credentials[credential.header],), CREDENTIAL_SHARE)
    names = {parameter: parameter.replace(".", "-") for parameter in drawn}
    dictionaries = {names[parameter]: {"values": list(values)} for parameter, (values, _) in drawn.items()}
    parameters = {
        parameter: {"dictionary": names[parameter], "probability": share} for parameter, (_, share) in drawn.items()
    }
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
