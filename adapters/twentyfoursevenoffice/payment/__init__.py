"""PaymentService."""
