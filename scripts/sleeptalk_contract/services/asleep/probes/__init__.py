"""The requests that the rules of Asleep need."""
