"""The rules of Asleep that JSON Schema cannot express, one small function each."""
