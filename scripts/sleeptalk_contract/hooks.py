"""The contract for those who use schemathesis by itself: `SCHEMATHESIS_HOOKS=sleeptalk_contract.hooks st run ...`.

It registers the string formats of the documents, and each rule about an implementation as a check of its own id. A
module of hooks of your own, or a test, imports it. Raises ImportError for a version of schemathesis that it is not
written for; `st` ends with that sentence.
"""

import os
import sys

from sleeptalk_contract.contract.dependencies import refusal
from sleeptalk_contract.contract.output import say

_refusal = refusal("schemathesis")
if _refusal and os.environ.get("SCHEMATHESIS_HOOKS"):
    say(f"sleeptalk: {_refusal}", err=True)  # of an ImportError, st would show the traceback
    sys.exit(2)
if _refusal:
    raise ImportError(_refusal)

from sleeptalk_contract.fuzzing.stock import install  # noqa: E402  # schemathesis must be known to fit
from sleeptalk_contract.services.registered import SERVICES  # noqa: E402  # as above

WATCHES = install(SERVICES)
"""What the runs of this process show of each target."""
