using Azure;
using Azure.Data.Tables;
using Orleans.Storage;

namespace Sluice.Storage.Azure;

/// <summary>States as bytes: each whole in its row, or in a blob that the row points at, read and replaced under compare-and-swap.</summary>
internal sealed class StateStore(StateTable table, int largestRow) : IAsyncDisposable
{
    // A reader whose blob is replaced between its two reads looks at the row again; more often than this is no race.
    private const int MostLooks = 5;

    /// <summary>Where the rows are.</summary>
    public StateTable Table => table;

    /// <summary>The state, or null.</summary>
    /// <exception cref="InvalidDataException">What is stored cannot be read.</exception>
    public Task<StoredState?> ReadAsync(StateKey key, CancellationToken cancellation) => ReadAsync(key, listed: null, cancellation);

    /// <summary>The state of a row that was listed; null where it was removed since.</summary>
    /// <exception cref="InvalidDataException">What is stored cannot be read.</exception>
    public async Task<StoredState?> ReadAsync(StateKey key, TableEntity? listed, CancellationToken cancellation)
    {
        for (var look = 1; ; look++)
        {
            if ((listed ?? await table.ReadAsync(key, table.Start(), cancellation)) is not { } entity)
            {
                return null;
            }

            listed = null;
            StateEntity.Check(entity, key);
            var blob = StateEntity.Blob(entity);
            if (blob is null)
            {
                return new StoredState(StateEntity.Payload(entity), new StateTag(entity.ETag, blob));
            }

            if (await table.Blobs.ReadAsync(blob, table.Start(StateEntity.BlobBytes(entity)), cancellation) is { } payload)
            {
                return new StoredState(payload, new StateTag(entity.ETag, blob));
            }

            if (look == MostLooks)
            {
                throw new InvalidDataException($"The blob {blob} of {key} is not there. It was removed by something else than Sluice.");
            }
        }
    }

    /// <summary>Writes a state where the expected ETag is stored; null: where there is none.</summary>
    /// <exception cref="InconsistentStateException">Another one is stored.</exception>
    public async Task<StateTag> SwapAsync(StateKey key, string? expected, BinaryData payload, CancellationToken cancellation)
    {
        var was = Expected(key, expected);
        var operation = Guid.NewGuid().ToString("N");
        var bytes = payload.ToMemory();
        var attempts = table.Start(bytes.Length > largestRow ? bytes.Length : 0);
        string? blob = null;
        if (bytes.Length > largestRow)
        {
            blob = StateBlobs.NameFor(key, operation, bytes.Span);
            await table.Blobs.WriteAsync(blob, payload, attempts, cancellation);
        }

        var entity = blob is null ? StateEntity.Inline(key, operation, bytes) : StateEntity.Pointer(key, operation, blob, bytes.Length);
        var outcome = await table.WriteAsync(new TableWrite(key, was?.ETag, entity, attempts), cancellation);
        await RemoveAsync(outcome.Done ? was?.Blob : blob, cancellation);
        return outcome.Done ? new StateTag(outcome.Stored!.Value, blob) : throw Refused(key, outcome, expected);
    }

    /// <summary>Removes a state where the expected ETag is stored; null: sees that there is none.</summary>
    /// <exception cref="InconsistentStateException">Another one is stored.</exception>
    public async Task ClearAsync(StateKey key, string? expected, CancellationToken cancellation)
    {
        if (Expected(key, expected) is not { } was)
        {
            // Removing what is not there is done already.
            if (await table.ReadAsync(key, table.Start(), cancellation) is { } stored)
            {
                throw Refused(key, new TableWriteOutcome(Done: false, stored.ETag), expected);
            }

            return;
        }

        var outcome = await table.WriteAsync(new TableWrite(key, was.ETag, Entity: null, table.Start()), cancellation);
        if (!outcome.Done)
        {
            throw Refused(key, outcome, expected);
        }

        await RemoveAsync(was.Blob, cancellation);
    }

    public ValueTask DisposeAsync() => table.DisposeAsync();

    private async Task RemoveAsync(string? blob, CancellationToken cancellation)
    {
        if (blob is not null)
        {
            // A blob that stays costs its room and nothing else; the write it belonged to is answered as it went.
            await table.Blobs.TryRemoveAsync(blob, table.Start(), cancellation);
        }
    }

    private static StateTag? Expected(StateKey key, string? expected) => expected is null
        ? null
        : StateTag.Parse(expected) ?? throw new InconsistentStateException($"'{expected}' is no ETag of {key}.", "unknown", expected);

    private static InconsistentStateException Refused(StateKey key, TableWriteOutcome outcome, string? expected) =>
        new($"{key} was changed by another activation.", outcome.Stored?.ToString() ?? "none", expected ?? "none");
}

/// <summary>A state as it was read.</summary>
internal sealed record StoredState(byte[] Payload, StateTag Tag);

/// <summary>What a grain holds as its ETag: the row's, and the blob's name, so that the writer who replaces the state knows what to remove.</summary>
internal sealed record StateTag(ETag ETag, string? Blob)
{
    private const char Separator = '#';

    /// <summary>Null: it is none that this storage gave. A wildcard is none: no write here goes without compare-and-swap.</summary>
    public static StateTag? Parse(string text)
    {
        var end = text.LastIndexOf(Separator);
        return text is ['W', '/', '"', ..] ? new StateTag(new ETag(end < 0 ? text : text[..end]), end < 0 ? null : text[(end + 1)..]) : null;
    }

    public override string ToString() => Blob is null ? ETag.ToString("H") : $"{ETag.ToString("H")}{Separator}{Blob}";
}
