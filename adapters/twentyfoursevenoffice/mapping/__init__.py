"""The vendor's messages to commands, results to the vendor's answers, by operation: where both vocabularies meet."""
