"""QQSolutions / QQCatalyst web API v1: invoice and receipt numbers of a location."""

from adapters.qqsolutions.routes import adapter

__all__ = ["adapter"]
