using Sluice.Storage.Azure;

namespace Sluice.Silo;

/// <summary>Where grain state rests, from the setting <c>Storage</c>.</summary>
/// <param name="Path">The absolute path of the SQLite file; null where there is none.</param>
/// <param name="Error">What is wrong with the setting, without what it holds: a connection string is a secret.</param>
/// <param name="Azure">The storage account; null where state rests in SQLite.</param>
/// <param name="OfficialBlobs">Whether the account is used by Orleans' own blob provider instead of ours.</param>
public readonly record struct StorageLocation(string? Path, string? Error, AzureAccount? Azure = null, bool OfficialBlobs = false)
{
    private const string SqlitePrefix = "sqlite:";
    private const string AzurePrefix = "azure:";
    private const string AzureBlobsPrefix = "azure-blobs:";

    /// <summary>Reads the setting; relative paths are from the current folder.</summary>
    /// <param name="setting">Null: <c>sluice.db</c> in <paramref name="data"/>.</param>
    /// <param name="data">The data folder.</param>
    public static StorageLocation Parse(string? setting, string data)
    {
        if (setting is null)
        {
            return string.IsNullOrWhiteSpace(data) ? default : new(System.IO.Path.GetFullPath(System.IO.Path.Combine(data, "sluice.db")), null);
        }

        if (setting.StartsWith(AzurePrefix, StringComparison.Ordinal))
        {
            return InAzure(setting[AzurePrefix.Length..], officialBlobs: false);
        }

        if (setting.StartsWith(AzureBlobsPrefix, StringComparison.Ordinal))
        {
            return InAzure(setting[AzureBlobsPrefix.Length..], officialBlobs: true);
        }

        if (!setting.StartsWith(SqlitePrefix, StringComparison.Ordinal) || string.IsNullOrWhiteSpace(setting[SqlitePrefix.Length..]))
        {
            return new(null, "Storage must be 'sqlite:' and the path of a file, such as sqlite:./data/sluice.db, or 'azure:' and a connection string or the https:// address of an account's blobs");
        }

        return new(System.IO.Path.GetFullPath(setting[SqlitePrefix.Length..]), null);
    }

    private static StorageLocation InAzure(string account, bool officialBlobs)
    {
        try
        {
            return new(null, null, AzureAccount.Parse(account), officialBlobs);
        }
        catch (FormatException e)
        {
            return new(null, $"Storage names no Azure account: {e.Message}");
        }
    }
}
