"""Other ways to answer the same peek: small servers and mappings of our own on programs that a registry has."""
