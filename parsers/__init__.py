"""Bytes to typed records, each with its provenance.

This package reads files and says exactly what they hold and what could not be read.
It knows nothing of RustDesk, of rules or of Defender's tables, and never imports ``forensics``.
"""
