"""PersonService."""
