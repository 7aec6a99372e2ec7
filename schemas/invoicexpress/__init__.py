"""InvoiceXpress: the XML messages of the sequences resource."""
