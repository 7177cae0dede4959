"""Records to events, events to findings, findings to a timeline in a case folder.

Start with :mod:`forensics.pipeline`: the whole analysis stands there on one page.
"""
