using Sluice.Tests.Processes;

namespace Sluice.Tests.Storage.Azure;

/// <summary>One Azurite that the tests of a class share; where it is not installed they are skipped.</summary>
public sealed class Azurite : IAsyncLifetime
{
    private AzuriteProcess? _process;

    /// <summary>Why it does not run; null where it does.</summary>
    public static string? Missing => AzuriteProcess.Missing;

    /// <summary>Where the tables are.</summary>
    public Uri Tables => _process!.Tables;

    /// <summary>Where the blobs are.</summary>
    public Uri Blobs => _process!.Blobs;

    /// <summary>Skips the test where there is no Azurite.</summary>
    public static void Require() => Assert.SkipWhen(Missing is not null, Missing ?? "");

    /// <summary>The account's connection string.</summary>
    public string ConnectionString() => _process!.ConnectionString();

    /// <summary>The account's connection string with other addresses, such as a proxy's.</summary>
    public static string ConnectionString(Uri tables, Uri blobs) => AzuriteProcess.ConnectionString(tables, blobs);

    public async ValueTask InitializeAsync()
    {
        if (Missing is null)
        {
            _process = await AzuriteProcess.StartAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            await process.DisposeAsync();
        }
    }
}
