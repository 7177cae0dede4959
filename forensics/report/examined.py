"""What limitations.txt says was examined, artifact by artifact, and what could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.report.log_ledger import what_is_absent
from forensics.report.words import count, time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forensics.artifact_reading import ArtifactReading
    from forensics.pipeline import Analysis
    from forensics.reading import ReadEvidence
    from parsers.evidence.evidence import HashedContainer
    from parsers.evidence.ewf_hash import EwfVerification
    from parsers.evtx.record import EventLogLedger

RECOVERED_FROM: Final = "recovered from slack or from chunks without their header"


def examined(read: ReadEvidence) -> Iterator[str]:
    """Give a sentence for each archive and image, for each artifact, and for each evidence without any."""
    for evidence in read.evidence:
        for container in evidence.containers:
            yield f"{evidence.evidence_id}: {_container(container)}."
    yield from map(_examined, read.readings)
    for evidence in read.evidence:
        if not evidence.artifacts:
            yield f"{evidence.evidence_id}: holds no file of a kind that is examined."


def unread(analysis: Analysis) -> Iterator[str]:
    """Give a sentence for everything that could not be read, with its place and what was lost with it."""
    for evidence in analysis.read.evidence:
        for each in evidence.unreadable:
            yield f"{evidence.evidence_id}: {each.path}: {each.reason}."
    for reading in analysis.read.readings:
        yield from _unread(reading)
    for artifact in analysis.changed:
        reason = "changed while it was being read; what was read of it cannot be relied on"
        yield f"{artifact.evidence_id}: {artifact.path}: {reason}."


def how_it_failed(reading: ArtifactReading) -> str:
    """Return what became of an artifact that could not be read to its end, without a full stop."""
    if not reading.events:
        return f"not read, {reading.failure}"
    return f"only read as far as its first {count(reading.events, 'event')}, then: {reading.failure}"


def stored_hashes(ewf: EwfVerification) -> str:
    """Say what an E01 image stores of its disk, and whether the disk has it, without a full stop."""
    pairs = (("MD5", ewf.stored_md5, ewf.computed_md5), ("SHA-1", ewf.stored_sha1, ewf.computed_sha1))
    told = [
        f"{name} stored {stored}, computed {computed or 'none, since not all of it can be read'}"
        for name, stored, computed in pairs
        if stored is not None
    ]
    if not told:
        return "it stores no hash of its disk, so there is nothing to compare"
    verdict = "equal" if ewf.ok else f"NOT EQUAL: {ewf.problem}".removesuffix(".")
    return f"of its disk, {'; '.join(told)}: {verdict}"


def _container(container: HashedContainer) -> str:
    """Return an archive or image with the digest of each of its files; its own name is no part of a case."""
    name = container.path or "the evidence itself"
    files = "; ".join(f"{each.size:,} bytes, SHA-256 {each.sha256}" for each in container.files)
    ewf = "" if container.ewf is None else f"; {stored_hashes(container.ewf)}"
    return f"{name} ({files}): an archive or a disk image, whose files follow{ewf}"


def _examined(reading: ArtifactReading) -> str:
    artifact = reading.artifact
    start = f"{artifact.evidence_id}: {artifact.path} ({artifact.size:,} bytes, SHA-256 {artifact.sha256})"
    if reading.ledger is not None:
        return f"{start}: {_log(reading.ledger)}."
    if reading.hive is not None:
        return f"{start}: {count(reading.events, 'value')} of services{_hive_state(reading)}."
    if reading.file is not None:
        return f"{start}: {reading.file.holds}."
    if reading.failure is None:
        return f"{start}: a transaction log of a SYSTEM hive, which is of use only beside its hive."
    return f"{start}: {how_it_failed(reading)}."


def _log(ledger: EventLogLedger) -> str:
    span = f"written from {time(ledger.first_written)} to {time(ledger.last_written)}"
    open_ = "; the log was not closed, its header lags behind" if ledger.dirty else ""
    copied = "; it is an export or a forwarded log" if ledger.ids_differ else ""
    used = f"{count(ledger.framed, 'record')}, {ledger.emitted:,} of kinds that are used"
    more = f", and {count(ledger.recovered, 'record')} {RECOVERED_FROM}" if ledger.recovered else ""
    return "; ".join([f"{used}{more}", f"{span}{open_}{copied}", *what_is_absent(ledger)])


def _hive_state(reading: ArtifactReading) -> str:
    """Say whether the hive waits for its transaction logs, and what became of these."""
    if reading.hive is None or reading.replay is None or not reading.hive.base_block.dirty:
        return ""
    return f"; not written out completely ({reading.replay.reason.rstrip('.')})"


def _unread(reading: ArtifactReading) -> Iterator[str]:
    where = f"{reading.artifact.evidence_id}: {reading.artifact.path}"
    if reading.failure is not None:
        yield f"{where}: {how_it_failed(reading)}."
    if reading.not_replayed is not None:
        yield f"{where}: its transaction logs give not all of its changes ({reading.not_replayed})."
    for damage in reading.damage:
        lost = "" if damage.records_lost is None else f" ({count(damage.records_lost, 'record')})"
        yield f"{where}, {damage}{lost}."
