"""Eligibility: pure three-valued evaluation of dated rules over situations. No clock, no I/O."""
