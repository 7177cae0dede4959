"""What context.json says of conclusions: services and their artifacts, and how each severity was reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.severity import ARITHMETIC

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forensics.finding import FoundKey
    from forensics.pipeline import Analysis
    from forensics.report.json_document import JsonValue
    from forensics.service_story import ServiceStory


def services(analysis: Analysis) -> JsonValue:
    """Return each service with the artifacts that tell of it, and what is missing."""
    rows = _rows(analysis)
    return [_service(story, rows) for story in analysis.concluded.stories]


def severity(analysis: Analysis) -> JsonValue:
    """Return the arithmetic, and for each row that was raised the steps from its rule's base."""
    rows = _rows(analysis)
    weighed = analysis.concluded.weighed
    return {
        "arithmetic": [{"reason": reason, "levels": levels} for reason, levels in ARITHMETIC],
        "raised": [
            {
                "row": row,
                "base": weighed[key].base.value,
                "severity": weighed[key].severity.value,
                "steps": [{"reason": step.reason, "levels": step.levels} for step in weighed[key].steps],
            }
            for key, row in rows.items()
            if weighed[key].steps
        ],
    }


def _service(story: ServiceStory, rows: Mapping[FoundKey, int]) -> JsonValue:
    return {
        "device_id": story.device_id,
        "name": story.name,
        "artifacts": list(story.artifacts),
        "rows": [{"row": rows.get(found.key), "artifact": artifact} for artifact, found in story.found],
        "differs": list(story.differs),
        "missing": list(story.missing),
    }


def _rows(analysis: Analysis) -> Mapping[FoundKey, int]:
    """Return the number of each finding's row; one without a time or outside of the period has none."""
    dated = (each for each in analysis.concluded.found if each.is_dated)
    shown = (each for each in dated if analysis.period.holds(each.event.ticks))
    return {each.key: number for number, each in enumerate(shown, start=1)}
