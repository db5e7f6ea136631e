"""The rules: those of the documents (`schema`), one small function for each of the others, and the judge over both."""
