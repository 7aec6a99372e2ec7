"""Orders of 24SevenOffice: what SaveInvoices makes of an order, and how an order is shown."""
