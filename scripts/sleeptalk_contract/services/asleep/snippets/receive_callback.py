"""Receive callbacks: an ASGI application for uvicorn, Starlette or FastAPI."""

from sleeptalk.callback import (
    Callback,
    InferenceComplete,
    SessionComplete,
    asgi,
)


def handle(event: Callback) -> None:
    """Take one callback, which may come again."""
    match event:
        case InferenceComplete(data):
            print(data.session_id, data.stage_list)
        case SessionComplete(data):
            print(data.session_id, "is complete")
            print("slept", data.sleep_data.time_in_sleep, "s")
        case unknown:
            print("of a later version:", unknown.event)


# Reads SLEEPTALK_CALLBACK_KEY, and refuses other keys.
app = asgi(handle)
