"""The rules of a Time Analysis that JSON Schema cannot say, one small function each."""
