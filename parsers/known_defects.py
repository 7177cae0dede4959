"""What the readers are known to do wrongly, and what is done about it: the one list of it.

Each entry was seen with the version that it names, and ``tests/parsers/test_known_defects.py`` shows each of
them with the library alone: where one no longer shows, its test fails and the entry has to go. None of them
is told as a disagreement of readers. Where one loses text, the row says so.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Defect(StrEnum):
    """Known defects by name."""

    EVTX_CUTS_TIMES = "evtx cuts times to microseconds"
    EVTX_DROPS_SURROGATES = "evtx drops unpaired surrogates"
    EVTX_ENDS_AT_NUL = "evtx ends a text at a NUL"
    EVTX_KEEPS_LAST_OF_A_NAME = "evtx keeps only the last of several fields of one name"
    EVTX_TRUSTS_HEADERS = "evtx ends where headers say that records end"
    PYTHON_EVTX_MOVES_TIMES = "python-evtx moves times by up to two microseconds"
    PYTHON_EVTX_REFUSES_TEXT = "python-evtx cannot read a record with text that XML cannot hold"
    PYTHON_EVTX_DROPS_CONTROLS = "python-evtx drops control characters"
    PYTHON_EVTX_SPLITS_LISTS = "python-evtx takes lists of strings apart wrongly"
    PYTHON_EVTX_NEEDS_TEMPLATES = "python-evtx cannot read an event without a template"
    PYTHON_EVTX_READS_ASCII = "python-evtx cannot read a record with one-byte text beyond ASCII"
    PYTHON_EVTX_SPELLS_OTHERWISE = "python-evtx spells GUIDs, bytes and truth otherwise than Windows"
    PYTHON_REGISTRY_MOVES_TIMES = "python-registry rounds times to microseconds"
    REGIPY_MOVES_TIMES = "regipy moves times by up to two microseconds"
    REGIPY_LOSES_NAMES = "regipy loses the characters of compressed names that are not ASCII"
    REGIPY_CUTS_LISTS = "regipy leaves out what of a list of texts does not end or is no UTF-16"
    REGIPY_GUESSES_TEXT = "regipy reads text that is no UTF-16 as UTF-8, or as bytes"
    REGIPY_GIVES_UP_LISTS = "regipy gives up all values behind a bad one"
    REGIPY_LEAVES_OUT_ENTRIES = "regipy leaves out entries of the compatibility cache without a time"


class KnownDefect(NamedTuple):
    """A defect of ``reader`` as seen in ``version``; ``effect`` on what it gives, and how it is ``handled``.

    Both are sentences. ``loses_text`` is true where a row may have less than the evidence, and then says so.
    """

    defect: Defect
    reader: str
    version: str
    effect: str
    handled: str
    loses_text: bool = False


_EVTX: Final = ("evtx", "0.14.0")
_PYTHON_EVTX: Final = ("python-evtx", "0.8.1")
_PYTHON_REGISTRY: Final = ("python-registry", "1.3.1")
_REGIPY: Final = ("regipy", "6.5.0")

KNOWN_DEFECTS: Final = (
    KnownDefect(
        Defect.EVTX_CUTS_TIMES,
        *_EVTX,
        "The seventh digit of TimeCreated and of times among the fields is lost.",
        "The FILETIME is taken from the record's own bytes.",
    ),
    KnownDefect(
        Defect.EVTX_DROPS_SURROGATES,
        *_EVTX,
        "A text with half a surrogate pair lacks that half, without a word.",
        "Texts are held against the record's bytes; the row names what is altered and shows the whole text.",
        loses_text=True,
    ),
    KnownDefect(
        Defect.EVTX_ENDS_AT_NUL,
        *_EVTX,
        "Of a text with a NUL inside only what stands before it is given.",
        "Texts are held against the record's bytes; the row names what is altered and shows the whole text.",
        loses_text=True,
    ),
    KnownDefect(
        Defect.EVTX_KEEPS_LAST_OF_A_NAME,
        *_EVTX,
        "Of fields that have one name, its JSON has the last.",
        "python-evtx gives all of them; the row says that evtx does not.",
        loses_text=True,
    ),
    KnownDefect(
        Defect.EVTX_TRUSTS_HEADERS,
        *_EVTX,
        "Records behind the end that a header declares are not given, as in a log that was in use.",
        "Records are found by position; each chunk is handed over under a header that says what was found.",
    ),
    KnownDefect(
        Defect.PYTHON_EVTX_MOVES_TIMES,
        *_PYTHON_EVTX,
        "Times go through floating point.",
        "The FILETIME is taken from the value's own bytes.",
    ),
    KnownDefect(
        Defect.PYTHON_EVTX_REFUSES_TEXT,
        *_PYTHON_EVTX,
        "An unpaired surrogate, a NUL or a noncharacter in any text costs the whole record.",
        "The row says that evtx alone reads it, and what the record's bytes have for each text.",
    ),
    KnownDefect(
        Defect.PYTHON_EVTX_DROPS_CONTROLS,
        *_PYTHON_EVTX,
        "DEL and C0 control characters other than TAB, LF and CR are left out of texts, and so are NULs at "
        "their end.",
        "The row says that evtx has more, and shows it.",
        loses_text=True,
    ),
    KnownDefect(
        Defect.PYTHON_EVTX_SPLITS_LISTS,
        *_PYTHON_EVTX,
        "A list of strings comes as one text with elements of its own inside.",
        "The list's own bytes are taken apart at the NULs.",
    ),
    KnownDefect(
        Defect.PYTHON_EVTX_NEEDS_TEMPLATES,
        *_PYTHON_EVTX,
        "Events written as plain elements, as by collectors, cannot be read, nor such elements in others.",
        "The row says that evtx alone reads it; its texts are held against the record's bytes.",
    ),
    KnownDefect(
        Defect.PYTHON_EVTX_READS_ASCII,
        *_PYTHON_EVTX,
        "One byte above 0x7F in a text of one byte a character costs the whole record.",
        "The row says that evtx alone reads it; its texts are held against the record's bytes.",
    ),
    KnownDefect(
        Defect.PYTHON_EVTX_SPELLS_OTHERWISE,
        *_PYTHON_EVTX,
        "GUIDs come in lower case, bytes in base64, truth as True, hexadecimal numbers with leading zeros.",
        "Values are shown from their own bytes, as parsers/evtx/fields.py says.",
    ),
    KnownDefect(
        Defect.PYTHON_REGISTRY_MOVES_TIMES,
        *_PYTHON_REGISTRY,
        "Its datetimes have microseconds, rounded, and no time zone.",
        "The FILETIME is read as an integer.",
    ),
    KnownDefect(
        Defect.REGIPY_MOVES_TIMES,
        *_REGIPY,
        "Its datetimes go through floating point.",
        "The FILETIME of a key is read as an integer; the times of the compatibility cache, which it gives "
        "in no other way, agree within two microseconds.",
    ),
    KnownDefect(
        Defect.REGIPY_LOSES_NAMES,
        *_REGIPY,
        "Latin-1 characters of a compressed name, and unpaired surrogates of another, become U+FFFD.",
        "Keys and values are found by their names with these characters left open; the row says so.",
        loses_text=True,
    ),
    KnownDefect(
        Defect.REGIPY_CUTS_LISTS,
        *_REGIPY,
        "Of a REG_MULTI_SZ all texts from the first without a NUL behind it, or that is no UTF-16, are lost.",
        "The row says that python-registry has more, and shows it.",
        loses_text=True,
    ),
    KnownDefect(
        Defect.REGIPY_GUESSES_TEXT,
        *_REGIPY,
        "Text of an odd number of bytes, or with an unpaired surrogate, is decoded as UTF-8 or stays bytes.",
        "The bytes are compared.",
    ),
    KnownDefect(
        Defect.REGIPY_GIVES_UP_LISTS,
        *_REGIPY,
        "One bad value ends the list of a key's values, one bad entry that of the compatibility cache.",
        "Values are asked for one by one; the row of an entry says that this program alone decodes it.",
    ),
    KnownDefect(
        Defect.REGIPY_LEAVES_OUT_ENTRIES,
        *_REGIPY,
        "Entries of Windows 10 without a time, those of packaged apps, are not given.",
        "The value's bytes are compared; the row says that this program alone decodes the entry.",
    ),
)
