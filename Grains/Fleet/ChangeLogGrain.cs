using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Storage;
using Orleans.Streams;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Fleet;

/// <summary>
/// The changes of a workspace: stored, then answered, then sent on the stream. While one write is on its way to disk, further changes gather and
/// are written together. The protocol is described in docs/reload.md.
/// </summary>
[Reentrant, GrainType("change-log")]
public sealed class ChangeLogGrain(
    [FromKeyedServices("Default")] IGrainStorage storage, TimeProvider time, ILogger<ChangeLogGrain> log) : Grain, IChangeLogGrain
{
    private const int MostWaiting = 10_000;
    private const int MostInPage = 1_000;

    private static readonly TimeSpan SendBound = TimeSpan.FromSeconds(2);

    private readonly Queue<(NewChange Change, TaskCompletionSource<long> Number)> _waiting = [];
    private GrainState<ChangeSegment>[] _rows = [];
    private ChangeRing _ring = null!;
    private IAsyncStream<Change> _stream = null!;
    private bool _writing;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _rows = await Task.WhenAll(Enumerable.Range(0, ChangeRing.Segments).Select(async place =>
        {
            var row = new GrainState<ChangeSegment>();
            await storage.ReadStateAsync(RowName(place), this.GetGrainId(), row, cancellationToken);
            return row;
        }));
        _ring = new ChangeRing(_rows.Select(r => r.RecordExists ? r.State!.Changes : []));
        _stream = this.GetStreamProvider(ChangeStream.Provider).GetStream<Change>(StreamId.Create(ChangeStream.Namespace, this.GetPrimaryKeyString()));
    }

    public Task<long> AppendAsync(NewChange change)
    {
        if (_waiting.Count >= MostWaiting)
        {
            throw new InvalidOperationException($"{MostWaiting} changes wait to be stored: no more are taken.");
        }

        var number = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue((change, number));
        if (!_writing)
        {
            _writing = true;
            WriteAllAsync().Ignore();
        }

        return number.Task;
    }

    public Task<ChangePage> SinceAsync(long after, int limit) =>
        Task.FromResult(_ring.Since(Math.Max(after, 0), Math.Clamp(limit, 1, MostInPage)));

    public Task<long> GetLastAsync() => Task.FromResult(_ring.Last);

    private static string RowName(int place) => FormattableString.Invariant($"changes-{place}");

    private async Task WriteAllAsync()
    {
        try
        {
            while (_waiting.Count > 0)
            {
                var batch = new List<(NewChange Change, TaskCompletionSource<long> Number)>();
                while (batch.Count < _ring.Room && _waiting.TryDequeue(out var next))
                {
                    batch.Add(next);
                }

                if (await TryStoreAsync(batch) is { } stored)
                {
                    await SendAsync(stored);
                }
            }
        }
        finally
        {
            _writing = false;
        }
    }

    private async Task<ImmutableArray<Change>?> TryStoreAsync(List<(NewChange Change, TaskCompletionSource<long> Number)> batch)
    {
        var before = _ring.Last;
        var (place, segment) = _ring.Extend([.. batch.Select(b => b.Change)], time.GetUtcNow());
        try
        {
            _rows[place].State = segment;
            await storage.WriteStateAsync(RowName(place), this.GetGrainId(), _rows[place]);
        }
        catch (Exception e)
        {
            // Whether it was stored is not known: the next activation reads what is. What waits is refused too, so that no number is given twice.
            DeactivateOnIdle();
            batch.ForEach(b => b.Number.SetException(e));
            while (_waiting.TryDequeue(out var next))
            {
                next.Number.SetException(e);
            }

            return null;
        }

        _ring.Stored(place, segment);
        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].Number.SetResult(before + 1 + i);
        }

        return [.. segment.Changes.Skip(segment.Changes.Length - batch.Count)];
    }

    private async Task SendAsync(ImmutableArray<Change> changes)
    {
        try
        {
            using var bound = new CancellationTokenSource(SendBound, time);
            await Task.WhenAll(changes.Select(c => _stream.OnNextAsync(c))).WaitAsync(bound.Token);
        }
        catch (Exception e)
        {
            // Subscribers see by the numbers that they missed some, and ask.
            log.LogWarning(e, "Changes {First} to {Last} of {Workspace} are stored but could not be sent.",
                changes[0].Number, changes[^1].Number, this.GetPrimaryKeyString());
        }
    }
}
