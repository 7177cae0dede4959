"""What a row of an event table says happened: the vocabulary of the column ActionType.

Defender's own values where it has one. Where a record says what Defender has no value for, the value is ours
and stands in :data:`OURS`; a query that uses it finds nothing in Defender's portal.
Source: advanced hunting schema, the action types that Defender's schema reference and public records show.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ActionType(StrEnum):
    """By table: process, image load, registry, file, network, logon events, and DeviceEvents for the rest."""

    PROCESS_CREATED = "ProcessCreated"
    IMAGE_LOADED = "ImageLoaded"

    REGISTRY_KEY_CREATED = "RegistryKeyCreated"
    REGISTRY_KEY_DELETED = "RegistryKeyDeleted"
    REGISTRY_KEY_RENAMED = "RegistryKeyRenamed"
    REGISTRY_VALUE_SET = "RegistryValueSet"
    REGISTRY_VALUE_DELETED = "RegistryValueDeleted"

    FILE_CREATED = "FileCreated"
    FILE_DELETED = "FileDeleted"

    CONNECTION_SUCCESS = "ConnectionSuccess"
    INBOUND_CONNECTION_ACCEPTED = "InboundConnectionAccepted"

    LOGON_SUCCESS = "LogonSuccess"

    SERVICE_INSTALLED = "ServiceInstalled"
    SCHEDULED_TASK_CREATED = "ScheduledTaskCreated"
    SCHEDULED_TASK_UPDATED = "ScheduledTaskUpdated"
    SCHEDULED_TASK_DELETED = "ScheduledTaskDeleted"
    SCHEDULED_TASK_ENABLED = "ScheduledTaskEnabled"
    SCHEDULED_TASK_DISABLED = "ScheduledTaskDisabled"
    NAMED_PIPE_EVENT = "NamedPipeEvent"
    DNS_QUERY_RESPONSE = "DnsQueryResponse"
    POWERSHELL_COMMAND = "PowerShellCommand"
    ANTIVIRUS_DETECTION = "AntivirusDetection"
    SECURITY_LOG_CLEARED = "SecurityLogCleared"

    PROCESS_TERMINATED = "ProcessTerminated"
    REGISTRY_VALUE_RENAMED = "RegistryValueRenamed"
    SERVICE_STATE_CHANGED = "ServiceStateChanged"
    SERVICE_START_TYPE_CHANGED = "ServiceStartTypeChanged"
    SERVICE_TERMINATED = "ServiceTerminated"
    SCHEDULED_TASK_STARTED = "ScheduledTaskStarted"
    SCHEDULED_TASK_COMPLETED = "ScheduledTaskCompleted"
    EVENT_LOG_CLEARED = "EventLogCleared"
    EVENT_LOG_STARTED = "EventLogStarted"
    EVENT_LOG_STOPPED = "EventLogStopped"
    UNEXPECTED_SHUTDOWN = "UnexpectedShutdown"
    SYSTEM_UPTIME = "SystemUptime"
    SYSTEM_TIME_CHANGED = "SystemTimeChanged"
    SYSTEM_STARTED = "SystemStarted"
    SYSTEM_STOPPED = "SystemStopped"
    FIREWALL_RULE_ADDED = "FirewallRuleAdded"
    FIREWALL_RULE_MODIFIED = "FirewallRuleModified"
    FIREWALL_RULE_DELETED = "FirewallRuleDeleted"
    PRODUCT_INSTALLED = "ProductInstalled"
    PRODUCT_REMOVED = "ProductRemoved"
    PRODUCT_INSTALL_FAILED = "ProductInstallFailed"
    PRODUCT_REMOVAL_FAILED = "ProductRemovalFailed"
    ANTIVIRUS_ACTION_TAKEN = "AntivirusActionTaken"
    SSH_MESSAGE = "SshMessage"

    PROGRAM_LAST_RUN = "ProgramLastRun"
    PROGRAM_RUN = "ProgramRun"
    PROGRAM_CACHED = "ProgramCached"
    FIREWALL_RULE_FOUND = "FirewallRuleFound"
    PRINTER_FOUND = "PrinterFound"
    SHARE_FOUND = "ShareFound"
    NETWORK_INTERFACE_FOUND = "NetworkInterfaceFound"
    SHORTCUT_FOUND = "ShortcutFound"
    APPLICATION_LOG_LINE = "ApplicationLogLine"
    CONFIGURATION_FOUND = "ConfigurationFound"


_ALL: Final = tuple(ActionType)
OURS: Final = frozenset(_ALL[_ALL.index(ActionType.PROCESS_TERMINATED) :])
"""Values that Defender does not have."""
