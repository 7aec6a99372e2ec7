"""Resurs Bank eCommerce SOAP V4, ConfigurationService."""

from adapters.resurs.routes import adapter

__all__ = ["adapter"]
