"""The admin port: health, metrics and version. On its own port, so that no vendor path can reach it."""
