using System.Runtime.CompilerServices;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;

namespace Sluice.Silo.Admin;

/// <summary>Reads bodies of many calls. It is written down once, before the first is told.</summary>
internal static class BodyExport
{
    private const int CallsAtOnce = 100;

    /// <summary>As it is written down.</summary>
    /// <param name="choice">Of what.</param>
    /// <param name="time">Gives it an id of its own.</param>
    public static string NameOf(string choice, TimeProvider time) => $"export {Guid.CreateVersion7(time.GetUtcNow()):n}: {choice}";

    /// <summary>Puts beside calls of the log what was said in them, as far as it is kept; in the order in which the calls come.</summary>
    /// <param name="calls">All of one tenant.</param>
    /// <param name="bodies">That tenant's.</param>
    /// <param name="author">For whom.</param>
    /// <param name="export">As <see cref="NameOf"/> names it.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async IAsyncEnumerable<CallView> AddAsync(
        IAsyncEnumerable<CallView> calls, ICallBodiesGrain bodies, Author author, string export, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var some in calls.Chunk(CallsAtOnce).WithCancellation(cancellation))
        {
            var at = 0;
            await foreach (var said in ReadAsync([.. some.Select(call => call.Request)], bodies, author, export, cancellation))
            {
                yield return said is null ? some[at] : some[at] with { Bodies = CallBodyAnswer.Of(said) };
                at++;
            }
        }
    }

    /// <summary>All that a hold keeps, the oldest first.</summary>
    /// <param name="bodies">The tenant's.</param>
    /// <param name="held">The first page of it.</param>
    /// <param name="author">For whom.</param>
    /// <param name="export">As <see cref="NameOf"/> names it.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async IAsyncEnumerable<CallBody> HeldAsync(ICallBodiesGrain bodies, HeldCalls held, Author author, string export, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (HeldCalls? page = held; page is { Calls.IsEmpty: false }; page = page.IsWhole ? null : await bodies.FindHeldAsync(page.Hold.Id, page.Calls[^1].Request).WaitAsync(cancellation))
        {
            await foreach (var said in ReadAsync([.. page.Calls.Select(call => call.Request)], bodies, author, export, cancellation))
            {
                if (said is not null)
                {
                    yield return said;
                }
            }
        }
    }

    // One for each request: null where nothing is kept.
    private static async IAsyncEnumerable<CallBody?> ReadAsync(
        IReadOnlyList<string> requests, ICallBodiesGrain bodies, Author author, string export, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var at = 0; at < requests.Count;)
        {
            var read = await bodies.ExportAsync([.. requests.Skip(at).Take(CallsAtOnce)], author, export).WaitAsync(cancellation);
            var said = read.Bodies.ToDictionary(body => body.RequestId, StringComparer.Ordinal);
            foreach (var request in requests.Skip(at).Take(read.Looked))
            {
                yield return said.GetValueOrDefault(request);
            }

            at += read.Looked;
        }
    }
}
