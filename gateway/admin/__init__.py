"""The admin port: health, metrics, version, and the JSON API. It is a port of its own, so that no vendor path reaches it."""
