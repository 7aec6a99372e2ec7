"""Which tenants there are: those of the configuration, and those made while the gateway runs.

The latter are kept in the store, credentials included and in clear: dialects must be able to serve them (digests and the
endpoints they show are worked out from them). So whoever reads the store's file or database can log in as these tenants,
just as whoever reads the configuration can log in as its tenants. They are shown once, in the answer to the creation, and
never logged.
"""
