"""TransactionService: its types, its messages and its operations."""
