"""How a call is carried out: deadline, retries, limits, redirects, cancellation, polling. It knows no service.

The generated methods make a `Call`. `CallState` decides which requests it sends and what their answers mean, without a
socket in sight; `SyncTransport` and `AsyncTransport` send, read and sleep. `http` is the one module that names the HTTP
library, and `connections` the one that knows what is beneath it.
"""
