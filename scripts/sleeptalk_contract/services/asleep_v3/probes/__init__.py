"""The probes of Asleep, data v3."""
