"""The residents' page and its API."""
