"""The Python examples that the reference shows for Phonexia. The tests run every one of them."""
