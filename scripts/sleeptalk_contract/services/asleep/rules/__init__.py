"""The rules of Asleep that JSON Schema cannot say, one small function each."""
