"""What limitations.txt says of the method: what holds for every case, and which versions of what was used."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from forensics import VERSION, attack
from forensics.event_model.time_flags import MEANINGS, SEPARATOR
from forensics.report.words import count
from forensics.rule import shipped_rules
from forensics.timeline_row import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from forensics.pipeline import Analysis
    from forensics.rule import Rule

ALWAYS: Final = """\
A finding says what a record holds. It does not say who sat at the keyboard, nor whether the use was allowed.
That nothing was found is no proof that RustDesk was never there: logs are overwritten and cleared, \
services are deleted, files are renamed.
A method of this kind is reliable where it is used for what it was made for, by somebody who knows its \
limits. The reader of this case has to know them too: they stand here.
Not all evidence that exists on a machine may have been found. What no source recorded cannot be found at all.
What is recovered from space that is used again may hold parts that do not belong together, or belong to \
another time or machine. Such rows are marked recovered.
What a record, a key or a file means depends on the version of the program that wrote it: of Windows, of \
Sysmon, of RustDesk. The references of each rule name the versions that it was written from; another version \
may leave other traces.
A registry key's time is when the key last changed in any way. It is not the time of an installation.
All times are as the machine's own clock had them. Sysmon's UtcTime has milliseconds; other times have \
100 nanoseconds, which is how they are stored, not how well the clock was set. Each row says in \
timestamp_desc what its time is the time of, and shows no digit that its source does not have.
Synchronisation with a time server is recorded elsewhere (Time-Service 35 and 37) and is not examined: \
nothing here says how far a machine's clock was from the true time.
Rows with the same time are in an order that carries no meaning.
RustDesk under another name is found only where its version information, its libraries, or the structure of \
its service, installer and files still say what it is. Findings of structure are inferred, and say what they \
rest on. A build that changes all of these is not found by these rules.
Context (tunnels, tasks, services, cleared logs, changed clocks) is told where it is near a finding of \
RustDesk. Near is not because of: nothing here says that one led to the other.
The shipped rule joins process starts with image loads by machine alone. How often it repeats a row \
(multiplicity) says nothing about that process.
Machines are told apart by their names. Two that have one name are taken for one; one that was renamed is \
taken for two where nothing in its evidence shows both names.
A recovered record stands in bytes that no checksum of its log covers. That it is whole, names itself and \
finds its templates does not show that no byte of it changed.
The decoder of event records drops unpaired surrogates and whatever follows a NUL inside a text. Where it \
may have done so, altered_fields names every cell of the row that may lack something, and readers says what \
the record's bytes have.
An ATT&CK technique is a label that a rule bears, and no finding of its own.
""".splitlines()
"""Fixed sentences. Those on reliability follow what NIST IR 8354 and SP 800-86 ask a report to say."""


def flags_of_times(analysis: Analysis) -> Iterator[str]:
    """Give what each flag means that a time of this case bears, and how many rows bear it."""
    borne = Counter(flag for row in analysis.rows for flag in row.time_flags.split(SEPARATOR))
    for flag, meaning in MEANINGS.items():
        if borne[flag]:
            yield f"{flag} ({count(borne[flag], 'row')}): {meaning}."


def versions(analysis: Analysis) -> Iterator[str]:
    """Give the versions that a result depends on, but for those of libraries, which are the run's."""
    yield f"This program: rustdesk-forensics {VERSION}, timeline schema {SCHEMA_VERSION}."
    shipped = shipped_rules()
    yield f"Its {count(len(shipped), 'rule')}: SHA-256 {rules_digest(shipped)} over their texts."
    ids = {rule.rule_id for rule in shipped}
    for outcome in analysis.outcomes:
        if outcome.rule.rule_id not in ids:
            digest = rules_digest([outcome.rule])
            yield f"The examiner's rule {outcome.rule.rule_id}: SHA-256 {digest} over its text."
    yield f"ATT&CK: {attack.DOMAIN}, release {attack.VERSION}. Another release may name them otherwise."
    yield (
        "run.json lists the version and the digest of every library that the run used, and a digest over "
        "this program's files; readers of one format may differ, and another version of one may read "
        "otherwise."
    )


def rules_digest(rules: Iterable[Rule]) -> str:
    """Return a digest over the queries of ``rules`` and all that is said of them, but for where they lie."""
    texts = [{**asdict(rule), "path": ""} for rule in sorted(rules, key=lambda each: each.rule_id)]
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
