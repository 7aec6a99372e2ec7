"""Several gateway processes on one port, watched by one supervisor: start, replacement, rolling restart, one admin port."""
