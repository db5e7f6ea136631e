"""Receivers that are to be killed: a process that forks one for each line of its input, and prints its process id.

What forks has imported everything and has one thread, so a receiver serves within milliseconds; each is a process of
its own, which shares nothing with the others but the listening socket and the store.
"""

import os
import random
import signal
import socket
import sys
import time
from typing import Any

import uvicorn

from sleeptalk.callback import inbox
from tests.inbox.stores import KEY

POISON = "20220821093117_ppppp"
FAILING = 40
"""One in this many callbacks fails at its first attempt."""


def handler_for(address: str) -> Any:
    """Return a handler that leaves one row per callback, and takes a moment on both sides of that."""
    mark = "?" if address.startswith("sqlite") else "%s"
    statement = f"INSERT INTO effects (id, session, number, attempt) VALUES ({', '.join([mark] * 4)})"

    def handle(callback: Any, delivery: Any) -> None:
        data = callback.data
        time.sleep(random.random() * 0.005)  # a moment in which it may be killed
        delivery.connection.execute(statement, (delivery.id, data.session_id, data.inference_seq_num, delivery.attempt))
        if data.session_id == POISON or (data.inference_seq_num % FAILING == FAILING - 1 and delivery.attempt == 1):
            raise RuntimeError("poison")
        time.sleep(random.random() * 0.005)

    return handle


def main() -> None:
    """Fork a receiver for each line of the standard input."""
    address, descriptor = sys.argv[1], int(sys.argv[2])
    listener = socket.socket(fileno=descriptor)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the killed
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            app = inbox(handler_for(address), address, api_key=KEY)
            config = uvicorn.Config(app, lifespan="on", log_level="critical", ws="none")
            uvicorn.Server(config).run([listener])
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
