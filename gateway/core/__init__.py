"""Numbers and their rules: pure Python, no I/O, no third-party import, no vendor word."""
