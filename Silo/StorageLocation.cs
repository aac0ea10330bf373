namespace Sluice.Silo;

/// <summary>Where grain state rests, from the setting <c>Storage</c>.</summary>
/// <param name="Path">The absolute path of the SQLite file; null where there is an error.</param>
/// <param name="Error">What is wrong with the setting, without what it holds: a connection string is a secret.</param>
public readonly record struct StorageLocation(string? Path, string? Error)
{
    private const string Sqlite = "sqlite:";
    private const string Azure = "azure:";

    /// <summary>Reads the setting; relative paths are from the current folder.</summary>
    /// <param name="setting">Null: <c>sluice.db</c> in <paramref name="data"/>.</param>
    /// <param name="data">The data folder.</param>
    public static StorageLocation Parse(string? setting, string data)
    {
        if (setting is null)
        {
            return string.IsNullOrWhiteSpace(data) ? default : new(System.IO.Path.GetFullPath(System.IO.Path.Combine(data, "sluice.db")), null);
        }

        if (setting.StartsWith(Azure, StringComparison.Ordinal))
        {
            return new(null, "Storage 'azure:' comes with a later version; use 'sqlite:' and the path of a file");
        }

        if (!setting.StartsWith(Sqlite, StringComparison.Ordinal) || string.IsNullOrWhiteSpace(setting[Sqlite.Length..]))
        {
            return new(null, "Storage must be 'sqlite:' and the path of a file, such as sqlite:./data/sluice.db");
        }

        return new(System.IO.Path.GetFullPath(setting[Sqlite.Length..]), null);
    }
}
