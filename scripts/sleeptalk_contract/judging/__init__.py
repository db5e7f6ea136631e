"""The judge: every rule that an exchange of any service can keep or break."""
