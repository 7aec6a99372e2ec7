"""24SevenOffice: Authenticate and InvoiceService, classic ASP.NET web services."""

from adapters.twentyfoursevenoffice.routes import adapter

__all__ = ["adapter"]
