"""The socket of the implementations that uvicorn serves."""

import socket


def listening() -> socket.socket:
    """Listen on a free port; naming the protocol makes asyncio send small pieces at once, as it does for uvicorn."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener
