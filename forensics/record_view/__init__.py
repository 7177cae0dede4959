"""One row of a timeline with the record behind it, as ``show`` prints it."""
