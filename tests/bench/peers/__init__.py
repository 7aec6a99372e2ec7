"""Other ways to answer the same peek: small servers of our own, and mappings for programs from registries."""
