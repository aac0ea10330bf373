using System.Collections.Immutable;
using Sluice.Edge.Upstreams.Discovery;

namespace Sluice.Tests.Unit.Edge.Upstreams.Discovery;

/// <summary>What a source of addresses tells, as it tells it.</summary>
internal sealed class FoundBy : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;
    private string? _last;

    public FoundBy(IAddressSource source) => _running = RunAsync(source);

    /// <summary>Why it ended; null: it runs.</summary>
    public string? Failure { get; private set; }

    /// <summary>Waits until it has told these, each as its address, then what differs from the usual: the weight, the host.</summary>
    public async Task TellsAsync(string expected)
    {
        await Eventually.HoldsAsync(() => _running.IsCompleted || string.Equals(Volatile.Read(ref _last), expected, StringComparison.Ordinal));
        Assert.Equal((expected, null), (_last, Failure));
    }

    /// <summary>Waits until it has ended.</summary>
    public Task EndsAsync() => Eventually.HoldsAsync(() => _running.IsCompleted);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
    }

    /// <summary>Addresses as text.</summary>
    public static string Text(IEnumerable<FoundAddress> found) =>
        string.Join(", ", found.Select(f => $"{f.Address.AbsoluteUri}{(f.Weight == 1 ? "" : FormattableString.Invariant($" x{f.Weight}"))}{(f.Host is null ? "" : $" as {f.Host}")}").Order(StringComparer.Ordinal));

    private async Task RunAsync(IAddressSource source)
    {
        try
        {
            await source.RunAsync(found => Volatile.Write(ref _last, Text(found)), _end.Token);
        }
        catch (Exception e)
        {
            Failure = e.Message;
        }
    }
}
