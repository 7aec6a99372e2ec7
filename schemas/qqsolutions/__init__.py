"""QQSolutions / QQCatalyst web API v1: the messages about numbering as models. The vendor publishes no contract file."""
