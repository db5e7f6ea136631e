"""The Python examples of Asleep, data v3."""
