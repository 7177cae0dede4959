"""Windows event logs (EVTX): framing, the sweep over every record, and the record itself."""
