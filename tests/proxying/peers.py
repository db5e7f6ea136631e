"""What stands before and behind a proxy: plain sockets, which see every byte, and the proxy as a process."""

import io
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from sleeptalk_contract.commands import program as cli

DEADLINE = 60.0


class Behind:
    """A server of one connection after the other: what it is sent is kept, and `answer` is called with it so far.

    Whatever that returns is sent back; None closes the connection.
    """

    def __init__(self, answer: Callable[[bytes], bytes | None]) -> None:
        self.received: list[bytes] = []
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        number = len(self.received)
        self.received.append(b"")
        with connection:
            while data := connection.recv(65536):
                self.received[number] += data
                answer = self._answer(self.received[number])
                if answer is None:
                    return
                connection.sendall(answer)


def said(port: int, sent: bytes, until: bytes) -> bytes:
    """Send bytes over a connection, and return what comes back until that ends in some bytes, or is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as connection:
        connection.sendall(sent)
        return heard(connection, until)


def heard(connection: socket.socket, until: bytes) -> bytes:
    """Return what comes until it ends in some bytes, or the connection is closed."""
    found = b""
    while not found.endswith(until):
        data = connection.recv(65536)
        if not data:
            break
        found += data
    return found


class Proxy:
    """`sleeptalk proxy` as a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    @property
    def judging(self) -> int:
        """The process that judges: the child that is no resource tracker."""
        listed = subprocess.run(
            ["pgrep", "-P", str(self.process.pid), "-f", "spawn_main"], capture_output=True, text=True, check=True
        )
        return int(listed.stdout.split()[0])

    def stop(self) -> tuple[int, str, str]:
        """End it as Ctrl-C does: its exit code, and what it printed."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self) -> tuple[int, str, str]:
        """Wait for its end."""
        out, err = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, out, err


def refused(*options: object) -> tuple[int, str, str]:
    """Run a proxy in this process that cannot be started: its exit code, and what it prints on both streams."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.run(["proxy", "asleep", *map(str, options)])
    return code, out.getvalue(), err.getvalue()


@contextmanager
def proxied(
    to: str, *options: str | Path, target: str = "asleep", stderr: int = subprocess.PIPE, alone: bool = False
) -> Iterator[Proxy]:
    """Run a proxy in front of an address, `alone` in a group of processes of its own."""
    command = [sys.executable, "-m", "sleeptalk_contract", "proxy", target, "--to", to, "--port", "0"]
    with subprocess.Popen(
        [*command, *map(str, options)], stdout=subprocess.PIPE, stderr=stderr, text=True, start_new_session=alone
    ) as process:
        try:
            assert process.stdout is not None
            found = re.match(r"Passing on http://(?:127\.0\.0\.1|\[::1\]):(\d+) to ", process.stdout.readline())
            assert found is not None, process.communicate(timeout=DEADLINE)
            yield Proxy(process, int(found[1]))
        finally:
            process.kill()
