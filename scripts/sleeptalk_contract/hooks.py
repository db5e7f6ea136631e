"""The contract for those who use schemathesis by itself: `SCHEMATHESIS_HOOKS=sleeptalk_contract.hooks st run ...`.

It registers the string formats of the documents, and each rule about an implementation as a check of its own id. A
module of hooks of your own, or a test, imports it. Raises ImportError for a version of schemathesis that it is not
written for, and where a package of the extra `contract` is missing; `st` ends with that sentence.
"""

import os
import sys
from typing import NoReturn

from sleeptalk_contract.contract.dependencies import missing, refusal
from sleeptalk_contract.contract.output import say


def _refuse(sentence: str) -> NoReturn:
    if os.environ.get("SCHEMATHESIS_HOOKS"):
        say(f"sleeptalk: {sentence}", err=True)  # of an ImportError, st would show the traceback
        sys.exit(2)
    raise ImportError(sentence)


_refusal = refusal("schemathesis")
if _refusal:
    _refuse(_refusal)
try:
    from sleeptalk_contract.fuzzing.stock import install  # schemathesis must be known to fit
    from sleeptalk_contract.services.registered import SERVICES
except ModuleNotFoundError as error:
    _refuse(missing(str(error.name).partition(".")[0]))

WATCHES = install(SERVICES)
"""What the runs of this process show of each target."""
