"""Windows' Prefetch files: which program ran, and when."""
