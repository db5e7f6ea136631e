"""Receive the callbacks that Asleep sends while and after a night is analysed (formats V1, V2 and V3).

`parse` reads one callback; `asgi` is a whole receiver; `inbox` is one that stores each callback before it answers, and
handles it once.

    from sleeptalk.callback import InferenceComplete, SessionComplete, UnknownCallback, parse

    match parse(body, headers, api_key="..."):
        case InferenceComplete() as window:
            print(window.session_id, window.sleep_stages)
        case SessionComplete() as night:
            print(night.session_id, night.stat and night.stat.sleep_efficiency)
        case UnknownCallback(raw, event):
            print(event, raw)

That is the same for every version; `version` says which it is, and `data` is what came, typed by the version. Each also
has its `raw` body, its `headers` without the key, the time `received`, and an `identity`, by which a receiver knows a
callback that is delivered again.
"""

from sleeptalk.callback.durable.application import Inbox, inbox
from sleeptalk.callback.durable.delivery import Accepted, Counts, Delivery, Queue
from sleeptalk.callback.events import Callback, InferenceComplete, SessionComplete, UnknownCallback
from sleeptalk.callback.identity import Subject
from sleeptalk.callback.parsing import parse
from sleeptalk.callback.receiver import asgi
from sleeptalk_generated.asleep.models import InferenceCompleteData, SessionCompleteData
from sleeptalk_generated.asleep_v3.models import (
    InferenceCompleteDataV2,
    InferenceCompleteDataV3,
    SessionCompleteDataV2,
    SessionCompleteDataV3,
)

__all__ = [
    "Accepted",
    "Callback",
    "Counts",
    "Delivery",
    "Inbox",
    "InferenceComplete",
    "InferenceCompleteData",
    "InferenceCompleteDataV2",
    "InferenceCompleteDataV3",
    "Queue",
    "SessionComplete",
    "SessionCompleteData",
    "SessionCompleteDataV2",
    "SessionCompleteDataV3",
    "Subject",
    "UnknownCallback",
    "asgi",
    "inbox",
    "parse",
]


def __dir__() -> list[str]:
    return __all__
