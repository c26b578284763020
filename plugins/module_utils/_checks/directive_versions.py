# SPDX-FileCopyrightText: The daemonic.systemd contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version of systemd brought a directive, for those that are newer than the oldest version that is supported. Data.

Source: "Added in version" in the manual pages and the NEWS of systemd 262.
"""

from __future__ import annotations

_BROUGHT_BY = {
    248: """AssertCPUFeature ConditionCPUFeature ExecPaths ExtensionImages IPCNamespacePath ManagedOOMMemoryPressureLimit
        ManagedOOMPreference NoExecPaths PrivateIPC""",
    249: """AssertOSRelease BPFProgram ConditionFirmware ConditionOSRelease OnSuccess OnSuccessJobMode PropagatesStopTo
        SocketBindAllow SocketBindDeny StopPropagatedFrom Upholds""",
    250: """AssertCPUPressure AssertIOPressure AssertMemoryPressure ConditionCPUPressure ConditionIOPressure
        ConditionMemoryPressure ExecSearchPath ExitType ExtraOptions LoadCredentialEncrypted RestrictFileSystems
        RestrictNetworkInterfaces RuntimeRandomizedExtraSec SetCredentialEncrypted StartupAllowedCPUs
        StartupAllowedMemoryNodes TTYColumns TTYRows""",
    251: """ExtensionDirectories""",
    252: """AssertCredential ConditionCredential""",
    253: """LogFilterPatterns MemoryZSwapMax OpenFile ReloadSignal""",
    254: """DefaultStartupMemoryLow DelegateSubgroup ExtensionImagePolicy FileDescriptorStorePreserve ImportCredential
        MemoryKSM MemoryPressureThresholdSec MemoryPressureWatch MountImagePolicy RestartMaxDelaySec RestartMode
        RestartSteps RootEphemeral RootImagePolicy StartupMemoryHigh StartupMemoryLow StartupMemoryMax
        StartupMemorySwapMax StartupMemoryZSwapMax UpheldBy""",
    255: """CoredumpReceive NFTSet PollLimitBurst PollLimitIntervalSec SetLoginEnvironment SurviveFinalKillSignal""",
    256: """MemoryZSwapWriteback PassFileDescriptorsToExec WantsMountsFor""",
    257: """BindLogSockets DeferReactivation ManagedOOMMemoryPressureDurationSec PrivatePIDs""",
    258: """AcceptFileDescriptors AssertKernelModuleLoaded AssertVersion BPFDelegateAttachments BPFDelegateCommands
        BPFDelegateMaps BPFDelegatePrograms CacheDirectoryAccounting CacheDirectoryQuota ConcurrencyHardMax
        ConcurrencySoftMax ConditionKernelModuleLoaded ConditionVersion DeferTrigger DeferTriggerMaxSec
        DelegateNamespaces LogsDirectoryAccounting LogsDirectoryQuota PassPIDFD PrivateBPF RandomizedOffsetSec
        StateDirectoryAccounting StateDirectoryQuota""",
    259: """ExecReloadPost UserNamespacePath""",
    260: """AssertPathIsSocket BindNetworkInterface ConditionPathIsSocket MemoryTHP RefreshOnReload RootMStack""",
    261: """AssertFraction AssertMachineTag CPUPressureThresholdSec CPUPressureWatch CPUSetPartition ConditionFraction
        ConditionMachineTag IOPressureThresholdSec IOPressureWatch OOMRules""",
    262: """ActivatingConcurrencyMax LUOSession RestartRandomizedDelaySec XAttrAccept XAttrEntryPoint XAttrListen""",
}

# What versions before 258 know, and later ones ignore with a warning of their own: 258 knows cgroup v2 alone.
_REMOVED = """BlockIOAccounting BlockIODeviceWeight BlockIOReadBandwidth BlockIOWeight BlockIOWriteBandwidth CPUAccounting
    CPUShares DefaultMemoryLow DefaultMemoryMin DefaultStartupMemoryLow MemoryLimit StartupBlockIOWeight StartupCPUShares"""

SINCE = {key: version for version, keys in _BROUGHT_BY.items() for key in keys.split()}
REMOVED = frozenset(_REMOVED.split())
