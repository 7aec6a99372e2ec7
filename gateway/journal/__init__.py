"""What was asked and answered, without secrets, on disk within bounds; and what the journal does not know (ADR-19)."""
