"""The configuration: the YAML file, its models, and the checked plan of what to serve. Knows no server, opens no store."""
