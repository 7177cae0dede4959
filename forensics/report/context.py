"""context.json: the machines, what was examined and what was not, and facts that have no time.

Holds nothing of this run (no clock, no path of this computer), so that it is the same in every run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics import attack
from forensics.report.absent_files import absent_files
from forensics.report.absent_sources import NEVER_EXAMINED, absent_sources, readings_of
from forensics.report.clock import clock
from forensics.report.conclusions import services, severity
from forensics.report.log_ledger import log_ledger
from forensics.report.readers import second_reading
from forensics.report.undated_facts import undated_facts
from forensics.timeline_row import SCHEMA_VERSION
from parsers import filetime
from parsers.evidence.known_paths import place_of
from parsers.evidence.source import ArtifactKind

if TYPE_CHECKING:
    from forensics.artifact_reading import ArtifactReading
    from forensics.device import Device
    from forensics.pipeline import Analysis
    from forensics.report.json_document import JsonValue
    from forensics.rule_run import RuleOutcome
    from parsers.evidence.evidence import HashedContainer
    from parsers.hive.record import ControlSet, SystemHive
    from parsers.hive.replay_record import Replay


def context(analysis: Analysis) -> JsonValue:
    """Return the document for ``analysis``."""
    return {
        "schema": SCHEMA_VERSION,
        "devices": [_device(each, analysis) for each in analysis.read.devices.all],
        "artifacts": [_artifact(each) for each in analysis.read.readings],
        "containers": [
            _container(evidence.evidence_id, each)
            for evidence in analysis.read.evidence
            for each in evidence.containers
        ],
        "unreadable": [
            {"evidence_id": evidence.evidence_id, "path": each.path, "reason": each.reason}
            for evidence in analysis.read.evidence
            for each in evidence.unreadable
        ],
        "sources_absent": [f"{name}: {what}" for name, what in absent_sources(analysis)],
        "expected_files_absent": list(absent_files(analysis.read)),
        "sources_never_examined": list(NEVER_EXAMINED),
        "events": dict(analysis.read.event_counts),
        "attack": {"domain": attack.DOMAIN, "version": attack.VERSION},
        "rules": [_rule(each) for each in analysis.outcomes],
        "services": services(analysis),
        "severity": severity(analysis),
        "undated_facts": list(undated_facts(analysis.concluded, analysis.second)),
        "timeline": {
            "since": _time(analysis.period.since),
            "until": _time(analysis.period.until),
            "findings": len(analysis.rows),
            "findings_outside": analysis.left_out,
        },
        "second_reading": second_reading(analysis.second),
    }


def _device(device: Device, analysis: Analysis) -> JsonValue:
    return {
        "device_id": device.device_id,
        "name": device.name,
        "names": list(device.names),
        "role": analysis.concluded.roles[device.device_id].role.value,
        "role_reasons": list(analysis.concluded.roles[device.device_id].reasons),
        "clock": clock(analysis.concluded.clocks.statements[device.device_id]),
        "artifacts": [
            f"{each.artifact.evidence_id}: {each.artifact.path}" for each in readings_of(analysis, device)
        ],
    }


def _artifact(reading: ArtifactReading) -> JsonValue:
    artifact = reading.artifact
    document: dict[str, JsonValue] = {
        "evidence_id": artifact.evidence_id,
        "path": artifact.path,
        "kind": artifact.kind.value,
        "size": artifact.size,
        "sha256": artifact.sha256,
        "events": reading.events,
        "failure": reading.failure,
        "damage": [
            {
                "offset": each.offset,
                "length": each.length,
                "reason": each.reason,
                "records_lost": each.records_lost,
            }
            for each in reading.damage
        ],
    }
    place = place_of(artifact.path)
    document["copy"] = place.copy.value
    document["snapshot"] = place.snapshot
    document["snapshot_created"] = _time(artifact.snapshot_created)
    document["modified"] = _time(artifact.modified)
    if reading.file is not None:
        document["holds"] = reading.file.holds
    if artifact.kind is ArtifactKind.EVENT_LOG:
        document["log"] = None if reading.ledger is None else log_ledger(reading.ledger)
    elif artifact.kind is ArtifactKind.SYSTEM_HIVE:
        document["hive"] = None if reading.hive is None else _hive(reading.hive)
        document["transaction_logs"] = (
            None if reading.replay is None else _replay(reading.replay, reading.replayed)
        )
    return document


def _container(evidence_id: str, container: HashedContainer) -> JsonValue:
    """Return an archive or image with the digests of its files, and the hashes that an E01 image stores."""
    ewf = container.ewf
    return {
        "evidence_id": evidence_id,
        "path": container.path,
        "files": [{"size": each.size, "sha256": each.sha256} for each in container.files],
        "stored_hashes": None
        if ewf is None
        else {
            "stored_md5": ewf.stored_md5,
            "stored_sha1": ewf.stored_sha1,
            "computed_md5": ewf.computed_md5,
            "computed_sha1": ewf.computed_sha1,
            "match": ewf.ok,
        },
    }


def _replay(replay: Replay, replayed: SystemHive | None) -> JsonValue:
    return {
        "outcome": replay.outcome.value,
        "reason": replay.reason,
        "applied": list(replay.applied),
        "entries": replay.entries,
        "pages": replay.dirty_pages,
        "complete": replay.complete,
        "control_sets": [] if replayed is None else [_control_set(each) for each in replayed.control_sets],
    }


def _hive(hive: SystemHive) -> JsonValue:
    block = hive.base_block
    return {
        "dirty": block.dirty,
        "primary_sequence": block.primary_sequence,
        "secondary_sequence": block.secondary_sequence,
        "checksum_ok": block.checksum_ok,
        "control_sets": [_control_set(each) for each in hive.control_sets],
    }


def _control_set(control_set: ControlSet) -> JsonValue:
    zone = control_set.time_zone
    return {
        "number": control_set.number,
        "current": control_set.current,
        "services": len(control_set.services),
        "computer_name": control_set.computer_name,
        "host_name": control_set.host_name,
        "domain": control_set.domain,
        "product_type": control_set.product_type,
        "time_zone": None if zone is None else zone.key_name,
        "bias_minutes": None if zone is None else zone.bias,
        "active_bias_minutes": None if zone is None else zone.active_bias,
    }


def _rule(outcome: RuleOutcome) -> JsonValue:
    document: dict[str, JsonValue] = {
        "rule_id": outcome.rule.rule_id,
        "title": outcome.rule.title,
        "events_found": len(outcome.findings),
    }
    if outcome.table is None:
        document["rows_as_written"] = sum(each.multiplicity for each in outcome.results)
        document["undecided_rows"] = [str(each) for each in outcome.open_rows]
    return document


def _time(ticks: int | None) -> str | None:
    return None if ticks is None or ticks > filetime.MAX_TICKS else filetime.to_text(ticks)
