"""Defender's event tables, and one module for each source that fills them."""
