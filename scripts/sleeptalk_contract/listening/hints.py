"""What a sender has to deliver for a rule to be exercised."""

from typing import Final

_WINDOWS: Final = frozenset({"sequence-values", "window-at-most-40", "window-length", "inference-follows-seq"})
_NIGHTS: Final = {
    "never-slept-nulls": "a night in which nobody slept",
    "breathing-stats-null-without-breathing": "a contract without breathing analysis",
    "stage-stats-null-together": "a contract with two sleep stages",
    "breathing-pattern-values": "a contract with breathing analysis",
    "stage-times-sum-to-sleep": "a contract with four sleep stages",
}


def hint(rule: str) -> str:
    """Say in one sentence which delivery would exercise a callback rule."""
    name = rule.partition(".")[2]
    if name == "delivery-order":
        return "It takes two different deliveries of one session."
    if name == "osa-stage-values":
        return "It takes a delivery of a contract with breathing analysis."
    if name in _WINDOWS:
        return "It takes an INFERENCE_COMPLETE."
    return f"It takes a SESSION_COMPLETE of {_NIGHTS.get(name, 'a night that was analysed')}."
