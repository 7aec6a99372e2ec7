"""Resurs Bank ConfigurationService V4: the contract (WSDL and XSD) as data, and its messages as models."""
