"""The faults of Asleep, data v3."""
