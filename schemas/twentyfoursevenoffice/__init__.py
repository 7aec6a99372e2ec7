"""24SevenOffice: the models of its services and their contract files. Sources: SOURCES.md."""
