"""Memory: the peak of 10,000 decoded nights, against the stock generated models, each in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.bodies import session_body
from benchmarks.measure import Ratio
from benchmarks.peers import decoders

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.results import Results

NIGHTS = 10_000
_HOLD = """
import json, resource, sys
from pathlib import Path
{imports}
def peak():
    status = Path("/proc/self/status")
    if status.exists():  # what the other one counts on Linux begins with the peak of the process that started this one
        return int(status.read_text().partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
body = Path({body!r}).read_bytes()
before = peak()
nights = [{decode} for _ in range({nights})]
print(peak() - before)
"""


def measure(results: Results, workspace: Path) -> None:
    """Measure how much 10,000 nights hold in relation to the stock models."""
    body = workspace / "night.json"
    body.write_bytes(session_body())
    decoders("session", workspace)  # makes the stock models
    ours = _peak(
        "from sleeptalk.runtime.decoding import decode\nfrom sleeptalk_generated.asleep.models import SessionResponse",
        "decode(body, SessionResponse)",
        body,
    )
    stock = _peak(
        f"sys.path.insert(0, {str(workspace)!r})\nfrom stock_asleep.models import SessionResponse",
        "SessionResponse.from_dict(json.loads(body))",
        body,
    )
    share = ours / stock
    results.add(
        f"hold {NIGHTS:,} nights in memory", "openapi-python-client", Ratio(share, share, share), ("at most", 1.0)
    )


def _peak(imports: str, decode: str, body: Path) -> int:
    code = _HOLD.format(imports=imports, decode=decode, body=str(body), nights=NIGHTS)
    return int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)  # noqa: S603  # our own command
