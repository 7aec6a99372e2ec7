"""What was asked and answered, secrets blotted out, on disk within bounds; and what the journal does not know."""
