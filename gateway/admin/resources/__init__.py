"""The resources of the admin API: for each, the models of what is asked and shown, the operations, and their routes."""
