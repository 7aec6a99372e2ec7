"""The resources of the admin API: for each of them the models of bodies and answers, the operations, and their routes."""
