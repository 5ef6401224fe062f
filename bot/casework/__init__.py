"""Casework: intake, triage, the queue of cases and their histories."""
