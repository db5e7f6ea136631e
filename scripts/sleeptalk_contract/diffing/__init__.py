"""What changed between two versions of the documents, and what each change means for users."""
