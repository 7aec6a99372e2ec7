"""Which tenants there are: those of the configuration, and those made while the gateway runs (ADR-24).

Tenants made at run time are kept in the store, with their credentials in clear, because dialects compute digests and
endpoints from them. Everybody who can read the store's file or database can log in as these tenants, just as everybody who
can read the configuration can log in as its tenants. Credentials are shown once, in the answer to the creation, and never
logged.
"""
