"""ProductService."""
