"""The watermark: how far each ledger chain was, in a small file outside of the store, so that an older store is seen (ADR-54).

file          the file: SQLite, blocking
comparison    whether a store is behind the file
keeper        what one process has made durable goes to the file, at most a second later
start         a store that is missing altogether, and commands that work while no gateway runs
path          where the file is
"""
