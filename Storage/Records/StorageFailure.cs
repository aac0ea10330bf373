using Azure;
using Azure.Identity;
using Microsoft.Data.Sqlite;
using Orleans.Runtime;
using Sluice.Storage.Azure;
using Sluice.Storage.Sqlite;

namespace Sluice.Storage.Records;

/// <summary>What the storages of this folder throw when they cannot be used, for commands that tell it to people.</summary>
public static class StorageFailure
{
    /// <summary>Whether it says that a storage cannot be used, or holds what cannot be read.</summary>
    public static bool Is(Exception e) => e is SqliteException or SqliteSchemaException or RequestFailedException or AuthenticationFailedException
        or StorageUnavailableException or OrleansConfigurationException or InvalidDataException;

    /// <summary>What happened, in one line and without secrets.</summary>
    public static string Describe(Exception e) => e is RequestFailedException { Status: > 0 } refused
        ? FormattableString.Invariant($"Azure Storage answered {refused.Status} {refused.ErrorCode}")
        : e.Message.ReplaceLineEndings(" ");
}
