"""Faults on purpose, at the moments where clients lose or double numbers. Knows no vendor, no socket and no store."""
