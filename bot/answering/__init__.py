"""Answers: composed from handbook and clauses, bound to citations, numbers locked."""
