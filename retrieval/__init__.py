"""From a question to the clauses in force on a day. Imports knowledge only."""
