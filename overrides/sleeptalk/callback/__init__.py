"""Receive the callbacks that Asleep sends while and after a night is analysed (format V1).

`parse` reads one callback; `asgi` is a whole receiver.

    from sleeptalk.callback import InferenceComplete, SessionComplete, UnknownCallback, parse

    match parse(body, headers, api_key="..."):
        case InferenceComplete(data):
            print(data.session_id, data.stage_list)
        case SessionComplete(data):
            print(data.sleep_data.sleep_efficiency)
        case UnknownCallback(raw, event):
            print(event, raw)
"""

from sleeptalk.callback.parsing import Callback, InferenceComplete, SessionComplete, UnknownCallback, parse
from sleeptalk.callback.receiver import asgi

__all__ = ["Callback", "InferenceComplete", "SessionComplete", "UnknownCallback", "asgi", "parse"]
