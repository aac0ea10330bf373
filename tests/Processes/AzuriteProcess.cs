using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.Tests.Processes;

/// <summary>Azurite, Microsoft's emulator of Azure Storage, as a process of its own on free ports, its data in memory.</summary>
public sealed partial class AzuriteProcess : IAsyncDisposable
{
    // The account and key that every Azurite has, from its documentation.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private static readonly TimeSpan StartBound = TimeSpan.FromSeconds(60);
    private static readonly string Script = Path.Combine(Repository.Root, "tests", "Storage", "node", "node_modules", "azurite", "dist", "src", "azurite.js");

    private readonly Process _process;

    private AzuriteProcess(Process process, Uri tables, Uri blobs) => (_process, Tables, Blobs) = (process, tables, blobs);

    /// <summary>Why it cannot be started; null where it can.</summary>
    public static string? Missing => File.Exists(Script) ? null : "Azurite is not installed: ./test does it where there is npm.";

    /// <summary>Where the tables are.</summary>
    public Uri Tables { get; }

    /// <summary>Where the blobs are.</summary>
    public Uri Blobs { get; }

    /// <summary>The account's connection string.</summary>
    public string ConnectionString() => ConnectionString(Tables, Blobs);

    /// <summary>The account's connection string with other addresses, such as a proxy's.</summary>
    public static string ConnectionString(Uri tables, Uri blobs) =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};TableEndpoint={tables}{Account};BlobEndpoint={blobs}{Account}";

    /// <summary>Starts one, and waits until it listens; only where it is not <see cref="Missing"/>.</summary>
    public static async Task<AzuriteProcess> StartAsync()
    {
        var process = Process.Start(new ProcessStartInfo("node")
        {
            ArgumentList = { Script, "--skipApiVersionCheck", "--inMemoryPersistence", "--disableTelemetry", "--blobPort", "0", "--queuePort", "0", "--tablePort", "0" },
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        try
        {
            var found = new Dictionary<string, Uri>(StringComparer.Ordinal);
            using var bound = new CancellationTokenSource(StartBound, TimeProvider.System);
            while (!found.ContainsKey("Table") || !found.ContainsKey("Blob"))
            {
                var line = await process.StandardOutput.ReadLineAsync(bound.Token) ?? throw new InvalidOperationException("Azurite ended before it listened.");
                if (Listens().Match(line) is { Success: true } match)
                {
                    found[match.Groups["service"].Value] = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{match.Groups["port"].ValueSpan}/"));
                }
            }

            // What it prints for each request is read away, or it would stop at a full pipe.
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            return new AzuriteProcess(process, found["Table"], found["Blob"]);
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Sends it a signal by its name: <c>STOP</c>, and it answers nobody until <c>CONT</c>.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", FormattableString.Invariant($"kill -{name} {_process.Id}")]))!;
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [GeneratedRegex("Azurite (?<service>Blob|Table) service .*listen.*:(?<port>[0-9]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listens();
}
