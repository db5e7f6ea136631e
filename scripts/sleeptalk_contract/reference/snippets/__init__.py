"""The Python examples that the reference shows on each operation. The tests run every one of them."""
