"""Shell Links: files that lead to programs."""
