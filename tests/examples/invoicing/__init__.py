"""A shop's invoicing script: it numbers its own invoices, and the vendor keeps the next number."""
