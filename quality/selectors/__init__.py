"""Reads of quality assurance, set-based."""
