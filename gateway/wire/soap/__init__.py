"""SOAP 1.1 and 1.2 over HTTP: envelopes, faults, and contract files served with the client's own addresses. No vendor."""
