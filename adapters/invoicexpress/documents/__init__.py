"""Documents of InvoiceXpress: their routes, forms, states and lists."""
