"""Callbacks: events of payments, what was registered for them, and sending it (as due work, ADR-65)."""
