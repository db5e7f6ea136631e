"""The Python examples that the reference shows for data v3. The tests run every one of them."""
