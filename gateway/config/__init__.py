"""The configuration: the YAML file, what may stand in it, and what is made of it. Knows no server and opens no store."""
