using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Resources;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge.Pipeline;

/// <summary>How an attempt at an upstream failed.</summary>
internal enum TryFailure
{
    /// <summary>It did not, or its client left.</summary>
    None,

    /// <summary>No connection was to be had: nothing was sent.</summary>
    Connect,

    /// <summary>The connection ended, or its bytes could not be trusted.</summary>
    Reset,

    /// <summary>The answer's head did not come in time.</summary>
    Timeout,

    /// <summary>It answered with a status after which the request is sent again.</summary>
    Status,
}

/// <summary>
/// The attempts at one request to a guarded upstream, one after the other: both ways of forwarding tell it what became of each, and ask it before they pass on an answer's
/// head, since after that nothing is sent again.
/// </summary>
/// <param name="http">The request.</param>
/// <param name="upstream">To whom.</param>
/// <param name="set">Its addresses.</param>
/// <param name="body">The body, read whole; null: there is none, or it was not read.</param>
/// <param name="isRepeatable">Whether the request may be sent again though it may have been served: it is idempotent, and its body is at hand.</param>
internal sealed class UpstreamTry(HttpContext http, UpstreamResource upstream, UpstreamSet set, PooledBytes? body, bool isRepeatable)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private readonly TimeSpan _begun = set.Now;
    private CancellationTokenSource? _bound;

    /// <summary>Which attempt it is, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>At which address.</summary>
    public UpstreamAddress Address { get; private set; } = null!;

    /// <summary>The body, read whole; null: there is none, or it was not read.</summary>
    public PooledBytes? Body => body;

    /// <summary>How it failed.</summary>
    public TryFailure Failure { get; private set; }

    /// <summary>The status of its answer; 0: none has come.</summary>
    public int Status { get; private set; }

    /// <summary>How long its answer's head is waited for: all attempts together have the time for the first byte.</summary>
    public TimeSpan FirstByte
    {
        get
        {
            var (rest, each) = (upstream.Timeouts.FirstByte - (set.Now - _begun), upstream.Retry?.TryTimeout ?? TimeSpan.MaxValue);
            return rest < Shortest ? Shortest : rest < each ? rest : each;
        }
    }

    /// <summary>Begins the next attempt.</summary>
    public void Begin(UpstreamAddress address) => (Address, Number, Failure, Status) = (address, Number + 1, TryFailure.None, 0);

    /// <summary>An answer's head has come, of which nothing was passed on; true: it is to be left, for the request is sent again.</summary>
    public bool Leaves(int status)
    {
        _bound?.CancelAfter(Timeout.InfiniteTimeSpan);
        Status = status;
        if (upstream.Retry?.On.Statuses.Contains(status) is not true || !MayRepeat(isRepeatable))
        {
            return false;
        }

        Failure = TryFailure.Status;
        return true;
    }

    /// <summary>The attempt failed.</summary>
    public void Fail(TryFailure failure) => Failure = failure;

    /// <summary>Whether the request is to be sent again. Asked once after each attempt: what it grants is taken from the budget.</summary>
    public bool IsToRepeat() => upstream.Retry is { On: var on } && Failure switch
    {
        TryFailure.Status => true,
        TryFailure.Connect => on.Connect && MayRepeat(isSafe: true),
        TryFailure.Reset => on.Reset && MayRepeat(isRepeatable),
        TryFailure.Timeout => on.Timeout && MayRepeat(isRepeatable),
        _ => false,
    };

    /// <summary>Whether the budget was what kept it from being sent again.</summary>
    public bool IsOutOfBudget { get; private set; }

    /// <summary>Bounds the wait for the head where the forwarder has no bound of its own for it.</summary>
    /// <param name="whole">Ends the whole request.</param>
    public CancellationTokenSource Bound(CancellationToken whole)
    {
        _bound = CancellationTokenSource.CreateLinkedTokenSource(whole);
        _bound.CancelAfter(FirstByte);
        return _bound;
    }

    /// <summary>Makes the body ready to be read from its beginning, where it was read whole.</summary>
    public void Rewind()
    {
        if (body is not null && MemoryMarshal.TryGetArray(body.Memory, out var bytes))
        {
            http.Request.Body = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        }
    }

    /// <summary>Tells how YARP's forwarder failed; true: the head did not come within the bound, which it takes for the client's leaving.</summary>
    public bool IsTooLate(ForwarderError error)
    {
        var isTooLate = Status == 0 && _bound is { IsCancellationRequested: true } && !http.RequestAborted.IsCancellationRequested;
        _bound = null;
        if (Failure is TryFailure.None)
        {
            Failure = isTooLate ? TryFailure.Timeout : Of(error, http.Features.Get<IForwarderErrorFeature>()?.Exception);
        }

        return isTooLate;
    }

    private static TryFailure Of(ForwarderError error, Exception? cause) => error switch
    {
        ForwarderError.Request when cause is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError } => TryFailure.Connect,
        ForwarderError.RequestTimedOut when cause is { InnerException: TimeoutException } => TryFailure.Connect,
        ForwarderError.RequestTimedOut => TryFailure.Timeout,
        ForwarderError.Request or ForwarderError.RequestBodyDestination or ForwarderError.ResponseBodyDestination or ForwarderError.ResponseHeaders => TryFailure.Reset,
        _ => TryFailure.None,
    };

    private bool MayRepeat(bool isSafe)
    {
        if (!isSafe || upstream.Retry is not { } policy || Number >= policy.Attempts || http.Response.HasStarted || http.RequestAborted.IsCancellationRequested
            || set.Now - _begun >= upstream.Timeouts.FirstByte)
        {
            return false;
        }

        IsOutOfBudget = !set.Budget!.TryTake(set.Now, policy.Budget);
        return !IsOutOfBudget;
    }
}
