using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.Tests.Storage.Azure;

/// <summary>Azurite, Microsoft's emulator of Azure Storage, as a process of its own on free ports, its data in memory.</summary>
public sealed partial class Azurite : IAsyncLifetime
{
    // The account and key that every Azurite has, from its documentation.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(60);

    private Process? _process;

    /// <summary>Why it does not run; null where it does.</summary>
    public string? Missing { get; private set; }

    /// <summary>Where the tables are.</summary>
    public Uri Tables { get; private set; } = new("http://localhost");

    /// <summary>Where the blobs are.</summary>
    public Uri Blobs { get; private set; } = new("http://localhost");

    /// <summary>Skips the test where there is no Azurite.</summary>
    public void Require() => Assert.SkipWhen(Missing is not null, Missing ?? "");

    /// <summary>The account's connection string.</summary>
    public string ConnectionString() => ConnectionString(Tables, Blobs);

    /// <summary>The account's connection string with other addresses, such as a proxy's.</summary>
    public static string ConnectionString(Uri tables, Uri blobs) =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};TableEndpoint={tables}{Account};BlobEndpoint={blobs}{Account}";

    public async ValueTask InitializeAsync()
    {
        var script = Path.Combine(Folder(), "node_modules", "azurite", "dist", "src", "azurite.js");
        if (!File.Exists(script))
        {
            Missing = "Azurite is not installed: ./test does it where there is npm.";
            return;
        }

        _process = Process.Start(new ProcessStartInfo("node")
        {
            ArgumentList = { script, "--skipApiVersionCheck", "--inMemoryPersistence", "--disableTelemetry", "--blobPort", "0", "--queuePort", "0", "--tablePort", "0" },
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        var found = new Dictionary<string, Uri>(StringComparer.Ordinal);
        using var bound = new CancellationTokenSource(StartBound);
        while (!found.ContainsKey("Table") || !found.ContainsKey("Blob"))
        {
            var line = await _process.StandardOutput.ReadLineAsync(bound.Token) ?? throw new InvalidOperationException("Azurite ended before it listened.");
            if (Listens().Match(line) is { Success: true } match)
            {
                found[match.Groups["service"].Value] = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{match.Groups["port"].ValueSpan}/"));
            }
        }

        (Tables, Blobs) = (found["Table"], found["Blob"]);

        // What it prints for each request is read away, or it would stop at a full pipe.
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Sluice.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return Path.Combine(folder.FullName, "tests", "Storage", "node");
    }

    [GeneratedRegex("Azurite (?<service>Blob|Table) service .*listen.*:(?<port>[0-9]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listens();
}
