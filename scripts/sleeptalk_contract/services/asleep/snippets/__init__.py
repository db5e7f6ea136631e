"""The Python examples that the reference shows for Asleep. The tests run every one of them."""
