"""The oracle: the rules of eight programmes written a second time, straight from the clauses, to hold against the product.

Nothing here imports the product's rules. One file per programme answers yes or no for a household of which everything is
known; `numbers` holds the policy numbers, `household` reads a situation file, `households` makes households, `compare` holds
both against each other. Where a clause leaves a choice, the docstring of the file says what was chosen.
"""
