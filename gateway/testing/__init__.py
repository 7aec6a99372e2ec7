"""Shipped to users: golden cases, and what runs them against a gateway or a vendor's test system."""
