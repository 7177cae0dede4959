"""One module for each file of a case folder, and the few rules of writing that they share."""
