"""What a resident's words mean: kind of message, programmes and needs named, facts told."""
