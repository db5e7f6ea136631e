"""Phonexia: Time Analysis, from the recording to the result."""
