"""One folder per service: everything about a service that its document cannot express."""
