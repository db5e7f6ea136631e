"""The contract for those who use schemathesis by itself: `SCHEMATHESIS_HOOKS=sleeptalk_contract.hooks st run ...`.

It registers the string formats of the documents, and each rule about an implementation as a check of its own id.
"""

from sleeptalk_contract.fuzzing.stock import install
from sleeptalk_contract.services.registered import SERVICES

install(SERVICES)
