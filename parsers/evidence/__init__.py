"""Where artifacts are found: the files and folders that an investigator was handed."""
