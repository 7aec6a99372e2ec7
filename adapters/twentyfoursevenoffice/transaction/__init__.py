"""TransactionService."""
