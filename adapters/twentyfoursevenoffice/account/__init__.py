"""AccountService."""
