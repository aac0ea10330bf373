using System.Runtime.CompilerServices;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;

namespace Sluice.Silo.Admin;

/// <summary>Puts beside calls of the log what was said in them, as far as it is kept.</summary>
internal static class BodyExport
{
    private const int CallsAtOnce = 100;

    /// <summary>In the order in which the calls come; some are read at a time.</summary>
    /// <param name="calls">All of one tenant.</param>
    /// <param name="bodies">That tenant's.</param>
    /// <param name="author">For whom.</param>
    /// <param name="export">Which export it is, and of what: it is written down before the first is told.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async IAsyncEnumerable<CallView> AddAsync(
        IAsyncEnumerable<CallView> calls, ICallBodiesGrain bodies, Author author, string export, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var some in calls.Chunk(CallsAtOnce).WithCancellation(cancellation))
        {
            for (var at = 0; at < some.Length;)
            {
                var read = await bodies.ExportAsync([.. some.Skip(at).Select(call => call.Request)], author, export).WaitAsync(cancellation);
                var said = read.Bodies.ToDictionary(body => body.RequestId, StringComparer.Ordinal);
                foreach (var call in some.Skip(at).Take(read.Looked))
                {
                    yield return said.TryGetValue(call.Request, out var body) ? call with { Bodies = CallBodyAnswer.Of(body) } : call;
                }

                at += Math.Max(1, read.Looked);
            }
        }
    }
}
