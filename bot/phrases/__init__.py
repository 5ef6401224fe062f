"""Phrases people use, as data: danger, kinds of message, needs."""
