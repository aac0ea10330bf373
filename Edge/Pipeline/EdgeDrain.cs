using Microsoft.AspNetCore.Hosting.Server;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// An edge's end without a failed request: it says that it is not ready while it still serves, each answer closing its connection, so that whoever balances in front of it
/// takes it out; then it takes no connection any more, and what is under way may end. What takes too long is told so in its own dialect. See docs/operations.md.
/// </summary>
public sealed class EdgeDrain
{
    // Streams that were told to end need a moment to be written and settled.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan UsualDelay = TimeSpan.FromSeconds(5);
    private readonly EdgeOptions _options;
    private readonly IServer _server;
    private readonly Deadlines _deadlines;
    private readonly TimeProvider _time;
    private volatile bool _begun;

    internal EdgeDrain(EdgeOptions options, IServer server, Deadlines deadlines, TimeProvider time) => (_options, _server, _deadlines, _time) = (options, server, deadlines, time);

    /// <summary>Whether the edge is about to end.</summary>
    public bool Begun => _begun;

    /// <summary>Drains, within <see cref="EdgeOptions.DrainDelay"/> and <see cref="EdgeOptions.DrainTime"/>. What it knows of the cluster goes on: leases are renewed, usage is reported.</summary>
    public async Task RunAsync()
    {
        _begun = true;
        await Task.Delay(_options.DrainDelay ?? UsualDelay, _time);
        using var bound = new CancellationTokenSource();
        var stopped = _server.StopAsync(bound.Token);
        try
        {
            await stopped.WaitAsync(_options.DrainTime, _time);
        }
        catch (TimeoutException)
        {
            _deadlines.EndAll();
            bound.CancelAfter(LastWords);
            await stopped;
        }
    }
}
