"""Tools for tests: faults on purpose, a clock that can be moved, the replay window. Knows no vendor, socket or store."""
