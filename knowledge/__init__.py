"""What the policies say: documents, clauses, parameters, programmes, releases. Imports nothing of ours."""
