"""SaveBundleList: from the message to vouchers, and all of them into the books at once."""
