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
        case InferenceComplete() as window:
            print(window.session_id, window.sleep_stages)
        case SessionComplete() as night:
            print(night.session_id, "is complete")
            if night.stat is not None:
                print("slept", night.stat.time_in_sleep, "s")
        case unknown:
            print("not documented:", unknown.event)


# Reads SLEEPTALK_CALLBACK_KEY, and refuses other keys.
app = asgi(handle)
