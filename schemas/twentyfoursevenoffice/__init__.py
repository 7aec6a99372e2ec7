"""24SevenOffice: the models of InvoiceService and Authenticate and their contract files. Sources: SOURCES.md."""
