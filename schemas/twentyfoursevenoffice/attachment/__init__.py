"""AttachmentService: its types, its messages and its operations."""
