"""`python -m invoice_gateway`, in a checkout."""

from gateway.__main__ import main

if __name__ == "__main__":
    main()
