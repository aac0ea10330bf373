using System.Collections.Concurrent;

namespace Sluice.Edge.Caching;

/// <summary>How a request ended that others wait for.</summary>
internal enum LeadEnd
{
    /// <summary>What it brought is kept, for whoever asks for it.</summary>
    Kept,

    /// <summary>It brought nothing that is kept: who waited asks for himself.</summary>
    Unkept,

    /// <summary>Its client left before it was answered: one of those who waited asks, for the others too.</summary>
    Left,
}

/// <summary>
/// Requests to upstreams by which others wait that ask for the same, for the same callers and under the same declarations: one of each is made at a time. Who waits holds nothing of a budget
/// or limit, and is told how it ended, whatever that was. Safe for concurrent use.
/// </summary>
internal sealed class UnderWay
{
    private readonly ConcurrentDictionary<(string Target, KeptFor Whom), Lead> _leads = [];

    /// <summary>Begins to ask; false: another one asks for the same.</summary>
    /// <param name="target">What is asked for.</param>
    /// <param name="whom">For whom.</param>
    /// <param name="lead">The caller's own, to be ended in any case; or the other one's.</param>
    public bool TryLead(string target, in KeptFor whom, out Lead lead)
    {
        var own = new Lead(this, (target, whom));
        lead = _leads.GetOrAdd(own.Key, own);
        return ReferenceEquals(lead, own);
    }

    /// <summary>One request that others may wait for.</summary>
    internal sealed class Lead(UnderWay all, (string Target, KeptFor Whom) key)
    {
        private readonly TaskCompletionSource<LeadEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>What it asks for, and for whom.</summary>
        public (string Target, KeptFor Whom) Key => key;

        /// <summary>It has ended, or it is known how it will. The first call counts.</summary>
        public void End(LeadEnd how)
        {
            all._leads.TryRemove(new KeyValuePair<(string Target, KeptFor Whom), Lead>(key, this));
            _end.TrySetResult(how);
        }

        /// <summary>Waits for its end; null: the bound passed first, or <paramref name="aborted"/> was cancelled.</summary>
        public async Task<LeadEnd?> WaitAsync(TimeSpan bound, TimeProvider time, CancellationToken aborted)
        {
            await ((Task)_end.Task.WaitAsync(bound, time, aborted)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return _end.Task.IsCompletedSuccessfully ? await _end.Task : null;
        }
    }
}
