"""Makes the pages of the reference from the code, and puts the repository's own pages into the documentation.

Nothing that it makes is committed, so the reference cannot differ from the code (ADR-69).
"""
