"""What both databases share: group commit, staging, committed state, tables and rows. Imports no driver."""
