"""The sandbox of Asleep, data v3."""
