"""The SYSTEM registry hive: its state, its control sets, services and what it says of its machine."""
