"""What reading the records of findings again came to: as context.json has it, and in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics.report.words import count
from parsers.known_defects import KNOWN_DEFECTS
from parsers.two_readings import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    counts = {verdict: second.counts[verdict.value] for verdict in Verdict}
    for verdict, (what, more) in _SENTENCES.items():
        if counts[verdict]:
            yield f"{count(counts[verdict], 'record')} of findings {what}{more}."
    if counts[Verdict.BEYOND_BOUND]:
        more = f"only the {second.most:,} that matter most are read again"
        yield (
            f"{count(counts[Verdict.BEYOND_BOUND], 'record')} of findings were read by one reader only, "
            f"because {more}: image loads come last."
        )
    yield (
        "Two readers that agree may err alike. Of a value they share the bytes, and of a record of an event "
        "log where it stands, which this program finds itself."
    )
    defects = count(len(KNOWN_DEFECTS), "known defect")
    yield f"context.json lists {defects} of these readers and how each is handled; none is a disagreement."


_SENTENCES = {
    Verdict.AGREE: ("were read by two readers that agree in every field compared", ""),
    Verdict.LOST_TEXT: (
        "were read by two readers that agree but for text that one of them is known to lose",
        "; the row says which one, and shows the text",
    ),
    Verdict.DIFFER: (
        "were read by two readers that do not agree",
        "; the row names each field with both texts, and the finding rests on the first",
    ),
    Verdict.ONE_READER: (
        "were read by one reader only, because the other cannot read them",
        "; the row says why",
    ),
    Verdict.NOT_READ_AGAIN: (
        "were read by one reader only, because they could not be found again where they stood",
        "; the row says why",
    ),
    Verdict.SINGLE_READER: (
        "were read by one reader only, because there is no second one for their kind of file",
        "; the row names it",
    ),
}
