"""InvoiceXpress: sequences, invoices, credit and debit notes of the legacy XML API and of its first successor."""

from adapters.invoicexpress.routes import adapter

__all__ = ["adapter"]
