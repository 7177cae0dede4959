from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forensics.event_model.event import Event, Table
from forensics.event_model.windows_installer import product_code
from tests.builders.artifacts import record_of
from tests.builders.event_to_write import DEFAULT_TIME
from tests.builders.mapped_event import additional, event_of, misfits
from tests.builders.windows_event import windows_event

SID = "S-1-5-21-1-2-3-1104"
CODE = "{D3DC41E3-3C37-5D52-BB47-F6673705C01B}"
NULL = "(NULL)"


def installer(event_id: int, *texts: str, binary: bytes | None = None) -> Event:
    written = windows_event(
        "MsiInstaller", event_id, "Application", unnamed=[*texts], binary=binary, user_sid=SID
    )
    return event_of(record_of(written))


def ended(event_id: int, status: str = "0") -> Event:
    binary = f"{CODE}0000765c7927029f".encode("ascii")
    return installer(
        event_id, "RustDesk", "1.4.9", "1033", status, "Purslane Tech Pte. Ltd.", NULL, "", binary=binary
    )


def test_an_installation_fills_every_column_that_it_knows() -> None:
    event = ended(1033)
    assert event.table is Table.EVENTS
    assert event.columns == {
        "Timestamp": DEFAULT_TIME,
        "ActionType": "ProductInstalled",
        "InitiatingProcessAccountSid": SID,
        "AdditionalFields": event.columns["AdditionalFields"],
    }
    assert additional(event) == {
        "Manufacturer": "Purslane Tech Pte. Ltd.",
        "ProductCode": CODE,
        "ProductName": "RustDesk",
        "ProductVersion": "1.4.9",
        "Source": "Application/1033",
        "Status": "0",
        "Text": "RustDesk; 1.4.9; 1033; 0; Purslane Tech Pte. Ltd.",
    }
    assert misfits(event) == []
    assert event.facts.user == SID


@pytest.mark.parametrize(
    ("event_id", "status", "action"),
    [
        (1033, "0", "ProductInstalled"),
        (1033, "3010", "ProductInstalled"),
        (1033, "1641", "ProductInstalled"),
        (1033, "1603", "ProductInstallFailed"),
        (1033, "1602", "ProductInstallFailed"),
        (1034, "0", "ProductRemoved"),
        (1034, "1605", "ProductRemovalFailed"),
    ],
)
def test_a_status_tells_success_from_failure(event_id: int, status: str, action: str) -> None:
    event = ended(event_id, status)
    assert event.columns["ActionType"] == action
    assert additional(event)["Status"] == status
    assert ("failed" in event.message) is action.endswith("Failed")


def test_an_installation_is_told_in_one_line() -> None:
    assert ended(1033).message == (
        f"Product installed: RustDesk, version 1.4.9, manufacturer Purslane Tech Pte. Ltd., "
        f"product code {CODE}, status 0 (Windows Installer)"
    )
    assert ended(1033, "1603").message.startswith("Installation of a product failed: RustDesk, ")
    assert ended(1034).origin.time_means == "Product removed (event time)"


@pytest.mark.parametrize(
    ("event_id", "text", "action", "name"),
    [
        (11707, "Product: RustDesk -- Installation completed successfully.", "ProductInstalled", "RustDesk"),
        (11724, "Product: RustDesk -- Removal completed successfully.", "ProductRemoved", "RustDesk"),
        (11707, "Produkt: A: B - C -- Installation abgeschlossen.", "ProductInstalled", "A: B - C"),
        (11707, "Produit : X -- Installation terminée.", "ProductInstalled", "X"),
        (11707, "製品\uff1aX -- インストールは完了しました。", "ProductInstalled", "X"),
        (11707, "Something else.", "ProductInstalled", None),
        (11707, "", "ProductInstalled", None),
    ],
)
def test_a_package_s_own_words_name_its_product(
    event_id: int, text: str, action: str, name: str | None
) -> None:
    event = installer(event_id, text, *[NULL] * 5, "", binary=CODE.encode("ascii"))
    assert event.columns["ActionType"] == action
    assert additional(event).get("ProductName") == name
    assert additional(event).get("Text", "") == text
    assert additional(event)["ProductCode"] == CODE


def test_a_product_without_fields_is_still_one() -> None:
    event = installer(1033)
    assert event.columns["ActionType"] == "ProductInstalled"
    assert event.message == "Product installed: a product without a name (Windows Installer)"


@given(st.text() | st.binary().map(bytes.hex) | st.just(CODE.encode("ascii").hex().upper()))
def test_a_product_code_is_read_from_nothing_else(binary: str) -> None:
    assert product_code(binary) in {"", CODE}
