"""Short runs of the command against each target; they lack the address."""

from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY
from tests.fuzzing.helpers import CREDENTIALS, SLEPT
from tests.sandbox_ids import faults_of, known_ids

ASLEEP = ("fuzz", "asleep", *CREDENTIALS, "--session-id", SLEPT, "--max-examples", "1")
PHONEXIA = ("fuzz", "phonexia", "--task-id", known_ids("phonexia")[0], "--max-examples", "1")
CALLBACK = ("fuzz", "callback", "--api-key", SANDBOX_API_KEY, "--max-examples", "1")

NOT_FOUND = faults_of("session.not-found-404")[:1]
"""A fault that such a run of asleep finds."""
