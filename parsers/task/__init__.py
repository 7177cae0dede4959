"""Definitions of scheduled tasks."""
