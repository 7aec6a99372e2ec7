"""Several stores behind one gateway, and tenants that move between them."""
