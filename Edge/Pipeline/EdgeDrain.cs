using Microsoft.AspNetCore.Hosting.Server;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// An edge's end without a failed request: it says that it is not ready while it still serves, each answer closing its connection, so that whoever balances in front of it
/// takes it out; then it takes no connection any more, those that it just took may still send a request, and what is under way may end. What takes too long is told so in its own dialect. See docs/operations.md.
/// </summary>
public sealed class EdgeDrain
{
    // Streams that were told to end need a moment to be written and settled.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan UsualDelay = TimeSpan.FromSeconds(5);

    // A client that has just connected sends its request within this time, or is taken for idle.
    private static readonly TimeSpan FirstWords = TimeSpan.FromMilliseconds(500);
    private readonly EdgeOptions _options;
    private readonly ListenSockets _sockets;
    private readonly IServer _server;
    private readonly Deadlines _deadlines;
    private readonly TimeProvider _time;
    private volatile bool _begun;

    internal EdgeDrain(EdgeOptions options, ListenSockets sockets, IServer server, Deadlines deadlines, TimeProvider time) =>
        (_options, _sockets, _server, _deadlines, _time) = (options, sockets, server, deadlines, time);

    /// <summary>Whether the edge is about to end.</summary>
    public bool Begun => _begun;

    /// <summary>Drains, within <see cref="EdgeOptions.DrainDelay"/> and <see cref="EdgeOptions.DrainTime"/>. What it knows of the cluster goes on: leases are renewed, usage is reported.</summary>
    public async Task RunAsync()
    {
        _begun = true;
        await Task.Delay(_options.DrainDelay ?? UsualDelay, _time);
        await _sockets.CloseAsync(FirstWords, _time);
        await Task.Delay(FirstWords, _time);
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
