"""The contract as values: documents, the catalogue of rules, exchanges, and what a service is."""
