"""The canonical half of invoice-gateway: numbers, stores, wire conventions and the server. Knows no vendor."""
