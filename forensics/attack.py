"""ATT&CK as this version of the program means it: the release, and the names of the techniques in use.

A technique's id means what its release says: in later ones some were renamed, merged or moved. The release is
therefore stated wherever ids are written. Source: MITRE ATT&CK, enterprise matrix, release 18.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

DOMAIN: Final = "enterprise-attack"
VERSION: Final = "18"
"""The release of ATT&CK whose ids rules and timeline use."""

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "T1021.001": "Remote Services: Remote Desktop Protocol",
        "T1021.004": "Remote Services: SSH",
        "T1036.005": "Masquerading: Match Legitimate Resource Name or Location",
        "T1053.005": "Scheduled Task/Job: Scheduled Task",
        "T1059.001": "Command and Scripting Interpreter: PowerShell",
        "T1059.003": "Command and Scripting Interpreter: Windows Command Shell",
        "T1070": "Indicator Removal",
        "T1070.001": "Indicator Removal: Clear Windows Event Logs",
        "T1071.001": "Application Layer Protocol: Web Protocols",
        "T1078": "Valid Accounts",
        "T1090": "Proxy",
        "T1098": "Account Manipulation",
        "T1105": "Ingress Tool Transfer",
        "T1112": "Modify Registry",
        "T1204.002": "User Execution: Malicious File",
        "T1218.007": "System Binary Proxy Execution: Msiexec",
        "T1219": "Remote Access Tools",
        "T1219.002": "Remote Access Tools: Remote Desktop Software",
        "T1489": "Service Stop",
        "T1543.003": "Create or Modify System Process: Windows Service",
        "T1547.001": "Boot or Logon Autostart Execution: Registry Run Keys / Startup Folder",
        "T1547.009": "Boot or Logon Autostart Execution: Shortcut Modification",
        "T1562.004": "Impair Defenses: Disable or Modify System Firewall",
        "T1564.003": "Hide Artifacts: Hidden Window",
        "T1569.002": "System Services: Service Execution",
        "T1571": "Non-Standard Port",
        "T1572": "Protocol Tunneling",
        "T1573": "Encrypted Channel",
    }
)
"""What the techniques that shipped rules name are called, each with its parent's name before it."""
