"""Delete every night of a user, who remains."""

from sleeptalk.asleep_v3 import Asleep

with Asleep() as asleep:
    # The user must be named: no default deletes.
    asleep.delete_sessions(
        "G-20220821093117-SandboxUserSleeptalk",
    )
    print(len(list(asleep.list_sessions())), "nights left")
