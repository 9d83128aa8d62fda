"""Reads of ``briefings``."""
