"""Conventions of the wire that several dialects share: XML, SOAP, ASP.NET, Rails. No meaning, no vendor."""
