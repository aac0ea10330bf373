using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Metrics;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Realtime;

/// <summary>
/// Runs accepted connections. Each ends by whichever is first: a side's close or loss, a budget or limit that covers no more, the key's end, the silence's bound, the edge's end; then both sides are
/// closed, what they say meanwhile is still read for usage, and all is settled. See docs/realtime.md, "How a connection ends".
/// </summary>
internal sealed class RealtimeSessions(Identification identification, ActiveRevision active, Deadlines deadlines, TimeProvider time, ILogger<RealtimeSessions> log)
{
    // The other side has this time to close too; after the gateway's own close less, for the edge may be about to end.
    private static readonly TimeSpan CloseBound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OwnCloseBound = TimeSpan.FromSeconds(1);
    private readonly KeyWatch _keys = new(identification, active, time);

    /// <summary>Accepts the client's side and serves the connection to its end. Returns the status for its record.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="provider">The provider's side; ended here.</param>
    /// <param name="charges">Of its responses; ended here.</param>
    /// <param name="model">What it is for.</param>
    /// <param name="key">As it came, with the text that it is a part of.</param>
    public async Task<int> RunAsync(Arrival arrival, ClientWebSocket provider, ResponseCharges charges, CompiledModel model, (string Header, ReadOnlyMemory<char> Key) key)
    {
        var http = arrival.Http;
        var ending = Ending.ClientGone;

        // Not with the client's leaving, which its own side tells: what the provider says in the next moment still counts.
        using var stop = new CancellationTokenSource();
        try
        {
            using var client = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                SubProtocol = provider.SubProtocol,
                KeepAliveInterval = ProviderConnecting.AliveEvery,
                KeepAliveTimeout = ProviderConnecting.AliveEvery,
            });
            var relay = new Relay(client, provider, charges, time);
            var (toProvider, toClient) = (relay.PassToProviderAsync(stop.Token), relay.PassToClientAsync(stop.Token));
            Task<Ending>[] all =
            [
                toProvider,
                toClient,
                charges.RunAsync(stop.Token),
                _keys.RunAsync(arrival, key, model, stop.Token),
                WatchSilenceAsync(relay, model.Resource.Timeouts.BetweenTokens ?? model.Resource.Timeouts.Whole, stop.Token),
                WatchEndAsync(stop.Token),
            ];
            var first = await Task.WhenAny(all);
            ending = first.IsCompletedSuccessfully ? await first : Failed(first.Exception?.InnerException);
            await CloseAsync(relay, ending, toProvider, toClient, stop.Token);
            await stop.CancelAsync();
            client.Abort();
            provider.Abort();
            await ((Task)Task.WhenAll(all)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e) when (Relay.IsGone(e) && http.RequestAborted.IsCancellationRequested)
        {
            // The client left before its side was accepted.
        }
        finally
        {
            provider.Dispose();
            charges.End(ending.Record);
        }

        if (ending == Ending.ProviderGone)
        {
            BrokenAnswer.Note(http);
        }

        return ending.Record;
    }

    private async Task CloseAsync(Relay relay, Ending ending, Task<Ending> toProvider, Task<Ending> toClient, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(ending.By is EndedBy.Edge or EndedBy.ClientGone ? OwnCloseBound : CloseBound, time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        var isOfClient = ending.By is EndedBy.Client or EndedBy.ClientGone;
        var (near, far) = isOfClient ? (relay.ToClient, relay.ToProvider) : (relay.ToProvider, relay.ToClient);
        var lastEvent = ending.Error is { } error ? OpenAIErrors.WriteRealtimeEvent(ending.Record, error.Message, error.Code) : null;
        var nearCloses = ending.By is EndedBy.Edge ? near.CloseAsync(WebSocketCloseStatus.NormalClosure, null, null, bound.Token) : Task.CompletedTask;
        await far.CloseAsync(ending.Status, ending.Reason, lastEvent, bound.Token);
        await nearCloses;
        Task answered = ending.By is EndedBy.Edge ? Task.WhenAll(toProvider, toClient) : isOfClient ? toClient : toProvider;
        await answered.WaitAsync(bound.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (ending.By is EndedBy.Client or EndedBy.Provider)
        {
            // Who closed first is told what the other side answered, where that has.
            var said = answered.IsCompletedSuccessfully ? await (isOfClient ? toClient : toProvider) : ending;
            said = said.By is EndedBy.Client or EndedBy.Provider ? said : ending;
            await near.CloseAsync(said.Status, said.Reason, null, bound.Token);
        }
    }

    private async Task<Ending> WatchSilenceAsync(Relay relay, TimeSpan most, CancellationToken cancellation)
    {
        while (most - relay.Silence is { Ticks: > 0 } rest)
        {
            await Task.Delay(rest, time, cancellation);
        }

        return Ending.Idle;
    }

    private async Task<Ending> WatchEndAsync(CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadlines.End);
        await Task.Delay(Timeout.InfiniteTimeSpan, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        return Ending.Draining;
    }

    private Ending Failed(Exception? failure)
    {
        if (failure is not null and not OperationCanceledException)
        {
            log.LogError(failure, "A realtime connection failed inside the edge.");
        }

        return Ending.ClientGone;
    }
}
