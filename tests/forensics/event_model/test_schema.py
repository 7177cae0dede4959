from __future__ import annotations

import pyarrow as pa
import pytest

from forensics.event_model.event import Table
from forensics.event_model.schema import KqlType, arrow_schema, columns


@pytest.mark.parametrize("table", Table)
def test_every_table_has_the_columns_that_all_rules_rest_on(table: Table) -> None:
    types = columns(table)

    assert types["Timestamp"] is KqlType.DATETIME
    assert types["DeviceId"] is types["DeviceName"] is KqlType.STRING
    assert types["ReportId"] is KqlType.LONG


@pytest.mark.parametrize("table", Table)
def test_the_arrow_schema_has_the_same_columns_in_the_same_order(table: Table) -> None:
    assert arrow_schema(table).names == list(columns(table))


def test_text_is_never_null_and_time_is_utc_without_saying_so() -> None:
    schema = arrow_schema(Table.PROCESS_EVENTS)

    assert not schema.field("FileName").nullable
    assert not schema.field("Timestamp").nullable
    assert schema.field("ProcessCreationTime").nullable
    assert schema.field("ProcessCreationTime").type == pa.timestamp("us")
