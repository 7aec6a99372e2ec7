"""InvoiceXpress: the XML messages of sequences and of the documents that take their numbers."""
