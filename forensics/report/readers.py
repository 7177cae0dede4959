"""What reading the records of findings again came to: as context.json has it, and in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forensics.report.words import count
from parsers.known_defects import KNOWN_DEFECTS
from parsers.two_readings import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from forensics.report.json_document import JsonValue
    from forensics.second_reading import SecondReading


def second_reading(second: SecondReading) -> JsonValue:
    """Return how many records came to what, the bound, and what is known of the readers."""
    return {
        "records": dict(second.counts),
        "most_read_again": second.most,
        "known_defects": [
            {
                "defect": each.defect.value,
                "reader": each.reader,
                "version": each.version,
                "effect": each.effect,
                "handled": each.handled,
                "loses_text": each.loses_text,
            }
            for each in KNOWN_DEFECTS
        ],
    }


def what_was_read_twice(second: SecondReading) -> Iterator[str]:
    """Give a sentence for each way in which the records of findings were read, and what it means."""
    for verdict, sentence in _SENTENCES.items():
        if number := second.counts[verdict.value]:
            yield f"Records of findings {sentence.format(most=second.most)}: {number:,}."
    yield (
        "Two readers that agree may err alike: both are given a record's bytes where this program finds it."
    )
    defects = count(len(KNOWN_DEFECTS), "known defect")
    yield f"context.json lists {defects} of the readers and how each is handled; none counts as disagreement."


_SENTENCES: Final[Mapping[Verdict, str]] = {
    Verdict.AGREE: "read by two readers that agree in every field compared",
    Verdict.LOST_TEXT: (
        "read by two readers that agree but for text that one is known to lose (readers says which one, and "
        "shows the text)"
    ),
    Verdict.DIFFER: (
        "read by two readers that do not agree (readers names each field with both texts; the finding rests "
        "on the reader of the analysis)"
    ),
    Verdict.ONE_READER: "read by one reader only, because the other cannot read them (readers says why)",
    Verdict.NOT_READ_AGAIN: (
        "read by one reader only, because they were not found again where they stood (readers says why)"
    ),
    Verdict.BEYOND_BOUND: (
        "read by one reader only, because no more than {most:,} are read again, those that matter most first "
        "and image loads last"
    ),
    Verdict.SINGLE_READER: (
        "read by one reader only, because there is no second one for their kind of file (readers names it)"
    ),
}
