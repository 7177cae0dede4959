from hypothesis import given
from hypothesis import strategies as st

from tests.builders.held_records import WRITTEN, control_set_with
from tests.builders.hive import REG_MULTI_SZ, ValueToWrite, text_value
from tests.builders.hive_artifacts import key_at, shares

FINANCE = (
    "CSCFlags=0",
    "MaxUses=4294967295",
    r"Path=D:\Shares\Finance",
    "Permissions=0",
    "Remark=a=b",
    "Type=0",
)


def test_a_share_has_its_settings() -> None:
    (found,) = control_set_with(shares(WRITTEN + 2, {"Finance": FINANCE})).shares
    assert (found.name, found.setting("path"), found.setting("Remark")) == (
        "Finance",
        r"D:\Shares\Finance",
        "a=b",
    )
    assert [name for name, _ in found.settings] == [text.partition("=")[0] for text in FINANCE]
    assert (found.setting("Unknown"), found.problem) == ("", "")
    assert found.held.path == r"ControlSet001\Services\LanmanServer\Shares"
    assert found.held.last_written == WRITTEN + 2


def test_the_permissions_of_shares_are_no_shares() -> None:
    security = key_at(r"Services\LanmanServer\Shares\Security", WRITTEN, [text_value("Finance", "x")])
    control_set = control_set_with(shares(WRITTEN, {"Finance": FINANCE}), security)
    assert [each.name for each in control_set.shares] == ["Finance"]


def test_what_is_no_list_of_settings_is_kept_and_told() -> None:
    key = key_at(r"Services\LanmanServer\Shares", WRITTEN, [text_value("Odd", r"Path=C:\x")])
    (odd,) = control_set_with(key).shares
    assert (odd.name, odd.settings, odd.problem) == ("Odd", (), "it is of type REG_SZ")
    (cut,) = control_set_with(shares(WRITTEN, {"Cut": (r"Path=C:\x", "Per")})).shares
    assert (cut.setting("Path"), cut.problem) == (r"C:\x", "1 of its texts have no =")


@given(st.binary(max_size=80))
def test_no_bytes_crash(data: bytes) -> None:
    key = key_at(r"Services\LanmanServer\Shares", WRITTEN, [ValueToWrite("x", REG_MULTI_SZ, data)])
    (share,) = control_set_with(key).shares
    assert share.name == "x"
