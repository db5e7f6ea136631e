"""The rule functions of Asleep, data v3."""
