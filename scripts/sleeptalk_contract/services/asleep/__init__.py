"""Asleep: reading a session, and its callback."""
