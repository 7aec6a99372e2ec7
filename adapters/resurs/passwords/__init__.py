"""Passwords that a representative changes by the service, for `passwords: apply`. Source: section "Passwords" of the README.

`hashing` slow hashes and how strong a password must be · `kept` what is kept for a representative · `login` which password a
request came with · `requests` the three operations
"""
