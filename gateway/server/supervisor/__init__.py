"""Several worker processes on one port under one supervisor: start, replacement, rolling restart, one admin port."""
