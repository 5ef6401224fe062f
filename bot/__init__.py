"""One consultation from message to reply, the rules behind it, and the cases that come of it."""
