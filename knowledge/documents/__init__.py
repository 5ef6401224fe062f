"""Policy documents: from a file to clauses that can be cited."""
