"""The advisors' desk: queue and cases."""
