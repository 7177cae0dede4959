"""How all tests run."""

from __future__ import annotations

from hypothesis import settings

# How long one example takes depends on the machine; what is fast and what is not, the benchmarks say.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
