"""Training of the learned ranking stage (retrieval.ranking)."""
