"""Training of the built-in embedder's low-rank adaptation (低秩微调): pairs, encoder, loop and honest measures. Needs torch."""
