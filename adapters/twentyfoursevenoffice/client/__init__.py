"""ClientService."""
