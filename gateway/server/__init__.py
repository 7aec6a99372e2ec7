"""The server process: wiring, start and stop, logs, and the supervisor of several worker processes."""
