"""24SevenOffice: Authenticate and InvoiceService, classic ASP.NET web services."""

from adapters.twentyfoursevenoffice.adapter import adapter

__all__ = ["adapter"]
