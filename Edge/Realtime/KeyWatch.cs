using Microsoft.AspNetCore.Http;
using Sluice.Edge.Configuration;
using Sluice.Edge.Pipeline;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Realtime;

/// <summary>Asks again whom a connection's key stands for, with each change that the edge applies: a key that is revoked ends it. While no silo can tell, it goes on as other streams do.</summary>
internal sealed class KeyWatch(Identification identification, ActiveRevision active, TimeProvider time)
{
    // A key may end by its own time, without a change.
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(15);

    /// <summary>Returns once the key may not use the model any more.</summary>
    /// <param name="arrival">The request. Its token is looked at by the revision that is active then.</param>
    /// <param name="key">As it came, with the text that it is a part of.</param>
    /// <param name="model">The model.</param>
    /// <param name="cancellation">The connection's end.</param>
    public async Task<Ending> RunAsync(Arrival arrival, (string Header, ReadOnlyMemory<char> Key) key, CompiledModel model, CancellationToken cancellation)
    {
        while (true)
        {
            var advanced = active.Advanced;
            var found = await identification.IdentifyAsync(arrival with { Revision = active.Current ?? arrival.Revision }, key.Header, key.Key);
            if (found is { Caller: null, Error.Status: StatusCodes.Status401Unauthorized })
            {
                return Ending.Revoked;
            }

            if (found.Caller?.MayCall(model) is false)
            {
                return Ending.NotAllowed;
            }

            await advanced.WaitAsync(AskAgain, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
