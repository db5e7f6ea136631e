"""The judge: every rule that an exchange can keep or break, whatever the service."""
