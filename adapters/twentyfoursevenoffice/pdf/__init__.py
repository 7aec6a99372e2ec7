"""The PDF of a 24SevenOffice invoice: its words and its layout."""
