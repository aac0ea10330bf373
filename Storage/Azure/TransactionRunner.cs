using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace Sluice.Storage.Azure;

/// <summary>
/// Carries out writes of one partition in one transaction, each under its own ETag. A write that the table refuses is taken out and the others go on; a
/// refusal after a try without an answer is settled by reading: the row that bears the write's own id says that it was done.
/// </summary>
internal sealed class TransactionRunner(TableClient table)
{
    /// <summary>Carries out and answers every write. Does not throw but when it is cancelled.</summary>
    public async Task RunAsync(List<TableWrite> writes, CancellationToken cancellation)
    {
        var waiting = new List<TableWrite>(writes);
        while (waiting.Count > 0)
        {
            try
            {
                await SubmitAsync(waiting, cancellation);
                return;
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested && Attempts.MayPass(e))
            {
                waiting = await PauseAsync(waiting, e, cancellation);
            }
            catch (RequestFailedException e)
            {
                await RemoveRefusedAsync(waiting, e, cancellation);
            }
        }
    }

    private async Task SubmitAsync(List<TableWrite> writes, CancellationToken cancellation)
    {
        var etags = await writes[0].Attempts.TryAsync(async token =>
        {
            if (writes is [var single])
            {
                return [await SubmitAsync(single, token)];
            }

            var responses = (await table.SubmitTransactionAsync(writes.Select(w => w.Action), token)).Value;
            return responses.Select(r => r.Headers.ETag).ToArray();
        }, cancellation);
        for (var i = 0; i < etags.Length; i++)
        {
            writes[i].Answer.TrySetResult(new TableWriteOutcome(Done: true, etags[i]));
        }
    }

    private async Task<ETag?> SubmitAsync(TableWrite write, CancellationToken cancellation) => (write.Entity, write.Expected) switch
    {
        (null, _) => Headers(await table.DeleteEntityAsync(write.Key.Partition, write.Key.Row, write.Expected!.Value, cancellation)),
        (_, null) => (await table.AddEntityAsync(write.Entity, cancellation)).Headers.ETag,
        _ => (await table.UpdateEntityAsync(write.Entity, write.Expected.Value, TableUpdateMode.Replace, cancellation)).Headers.ETag,
    };

    // The client answers the delete of a row that is not there as if it had been done; under an ETag that is a refusal.
    private static ETag? Headers(Response response) =>
        response.Status == 404 ? throw new RequestFailedException(response) : response.Headers.ETag;

    // Writes whose deadline is over leave the batch: their callers have been told, and a write that nobody waits for shall not be done.
    private static async Task<List<TableWrite>> PauseAsync(List<TableWrite> writes, Exception failure, CancellationToken cancellation)
    {
        var kept = await Task.WhenAll(writes.Select(async write =>
        {
            try
            {
                await write.Attempts.PauseAsync(failure, $"write {write.Key}", cancellation);
                return write;
            }
            catch (StorageUnavailableException e)
            {
                write.Answer.TrySetException(e);
                return null;
            }
        }));
        return [.. kept.OfType<TableWrite>()];
    }

    private async Task RemoveRefusedAsync(List<TableWrite> writes, RequestFailedException refusal, CancellationToken cancellation)
    {
        if (writes is [var single])
        {
            await SettleAsync(single, refusal, cancellation);
            writes.Clear();
        }
        else if (refusal is TableTransactionFailedException { FailedTransactionActionIndex: { } index } && index < writes.Count && !writes[index].Attempts.Ambiguous)
        {
            await SettleAsync(writes[index], refusal, cancellation);
            writes.RemoveAt(index);
        }
        else
        {
            // Nobody knows which one it was, or whether the whole was done before: each goes by itself.
            await Task.WhenAll(writes.Select(write => RunAsync([write], cancellation)));
            writes.Clear();
        }
    }

    private async Task SettleAsync(TableWrite write, RequestFailedException refusal, CancellationToken cancellation)
    {
        if (refusal is not { Status: 404 or 409 or 412 } || string.Equals(refusal.ErrorCode, TableErrorCode.TableNotFound.ToString(), StringComparison.Ordinal))
        {
            write.Answer.TrySetException(refusal);
            return;
        }

        try
        {
            var stored = await write.Attempts.RunAsync(
                token => table.GetEntityIfExistsAsync<TableEntity>(write.Key.Partition, write.Key.Row, cancellationToken: token), $"read {write.Key}", cancellation);
            var entity = stored.HasValue ? stored.Value : null;
            write.Answer.TrySetResult(new TableWriteOutcome(write.Attempts.Ambiguous && write.Made(entity), entity?.ETag));
        }
        catch (Exception e) when (e is StorageUnavailableException or RequestFailedException)
        {
            write.Answer.TrySetException(e);
        }
    }
}
