"""The lake: what its tables look like, how files get into it whole, and the ledger that says what is in it."""
