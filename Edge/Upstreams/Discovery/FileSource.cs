using System.Collections.Immutable;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams.Discovery;

/// <summary>
/// Reads a list of addresses from a file of the edge, twice a second: a mounted volume tells nobody of its changes. A file that changes is taken once it was the same twice, lest half
/// of it be believed; an empty list takes all addresses away, a missing or a wrong file none.
/// </summary>
internal sealed class FileSource(FileDiscovery discovery, string? folder, TimeProvider time) : IAddressSource
{
    private const int MostBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync(Action<ImmutableArray<FoundAddress>> found, CancellationToken cancellation)
    {
        if (folder is null)
        {
            throw new DiscoveryException("this edge's settings name no folder for such files: Edge:Discovery");
        }

        string? taken = null;
        while (true)
        {
            var read = await ReadAsync(Path.Combine(folder, discovery.Name), cancellation);
            if (!string.Equals(read, taken, StringComparison.Ordinal))
            {
                await Task.Delay(Settled, time, cancellation);
                if (string.Equals(await ReadAsync(Path.Combine(folder, discovery.Name), cancellation), read, StringComparison.Ordinal))
                {
                    found(Parse(read));
                    taken = read;
                }
            }

            await Task.Delay(Every, time, cancellation);
        }
    }

    private static async Task<string> ReadAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > MostBytes }
                ? throw new DiscoveryException(FormattableString.Invariant($"the file is larger than {MostBytes} bytes"))
                : await File.ReadAllTextAsync(path, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiscoveryException($"the file cannot be read: {e.GetType().Name}");
        }
    }

    private static ImmutableArray<FoundAddress> Parse(string text)
    {
        var (addresses, weights, wrong) = AddressReader.ReadFile(text);
        return wrong is null ? [.. addresses.Select((address, i) => new FoundAddress(address, weights.IsEmpty ? 1 : weights[i], null))] : throw new DiscoveryException($"the file {wrong}");
    }
}
