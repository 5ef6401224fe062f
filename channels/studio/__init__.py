"""The content studio: documents, draft, releases."""
