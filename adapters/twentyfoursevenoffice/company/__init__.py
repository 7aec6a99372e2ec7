"""CompanyService."""
