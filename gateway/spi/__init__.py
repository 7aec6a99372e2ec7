"""What a dialect must be, and the life of one request. Knows no vendor, no HTTP library."""
