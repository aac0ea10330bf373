using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Configuration;
using Sluice.Edge.Kept;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Deferred;

/// <summary>
/// Looks at a batch that has not ended, as far as is known: where its provider's answer was lost it is found by its file; where it has ended, what it used is read from its files and told to the
/// tenant's grain, which charges it once. What cannot be known now is looked at again.
/// </summary>
internal sealed class BatchLook(KeptProvider kept, KeptIds keptIds, DeferredWorks works, BatchInput input, TimeProvider time)
{
    private const int LongestLine = 32 * 1024 * 1024;
    private const int MostPages = 20;

    /// <summary>Looks once.</summary>
    /// <exception cref="HttpRequestException">The provider was not reached.</exception>
    /// <exception cref="IOException">The provider broke off, or does not tell of it.</exception>
    /// <exception cref="OperationCanceledException">Time ran out.</exception>
    public Task LookAsync(string tenant, OpenWork work, EdgeRevision revision, ProviderResource provider, Deadline deadline) =>
        work.Place is { } place ? ReadAsync(tenant, work, place, revision, provider, deadline) : FindAsync(tenant, work, revision, provider, deadline);

    private async Task ReadAsync(string tenant, OpenWork work, string place, EdgeRevision revision, ProviderResource provider, Deadline deadline)
    {
        var json = await kept.GetAsync(revision, provider, $"/batches/{Uri.EscapeDataString(place)}", deadline);
        if (json is null || BatchObject.Read(json) is not { } batch)
        {
            throw new IOException("The provider does not tell of it.");
        }

        if (batch.HasEnded)
        {
            var end = await EndOfAsync(work, batch, revision, provider, deadline);
            if (!await works.TryEndAsync(tenant, work.Work.Id, end))
            {
                return;
            }

            await input.ForgetAsync(revision, provider, work.Input);
        }

        if (await works.FindAsync(tenant, provider.Name, place) is { } before)
        {
            var ids = await keptIds.OfAsync(tenant, deadline.Token);
            var (_, listed) = batch.Tell(json, ids, provider.Name, work.Work.Model, before.Id, before);
            await works.TryShowAsync(tenant, listed);
        }
    }

    // Files that are gone tell nothing, and then all that was held counts.
    private async Task<DeferredEnd> EndOfAsync(OpenWork open, BatchObject batch, EdgeRevision revision, ProviderResource provider, Deadline deadline)
    {
        var results = new BatchResults(open.Work);
        foreach (var file in new[] { batch.Output, batch.Errors })
        {
            if (file is null)
            {
                continue;
            }

            deadline.In(provider.Timeouts.FirstByte);
            using var answer = await kept.SendAsync(revision, provider, HttpMethod.Get, $"/files/{Uri.EscapeDataString(file)}{Revisions.Compiled.Surfaces.ContentEnd}", null, deadline);
            if (answer.Status == StatusCodes.Status404NotFound)
            {
                return UnknownWork.End;
            }

            if (!answer.IsSuccess)
            {
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"The provider answered {answer.Status} for what it has written."));
            }

            using var lines = new JsonLines(answer, deadline, provider.Timeouts.Idle, LongestLine);
            while (await lines.NextAsync())
            {
                results.Take(lines.Line.Span, lines.IsTooLong);
            }
        }

        if (results.LacksRequests)
        {
            await input.ReadAsync(revision, provider, open.Input, results.TakeRequest, deadline.Token);
        }

        return results.End();
    }

    // The provider was asked, and what it answered was lost.
    private async Task FindAsync(string tenant, OpenWork work, EdgeRevision revision, ProviderResource provider, Deadline deadline)
    {
        var search = new BatchSearch(work.Input, work.AskedAt, time.GetUtcNow());
        for (var page = 0; page < MostPages; page++)
        {
            deadline.In(provider.Timeouts.FirstByte);
            var json = await kept.GetAsync(revision, provider, $"/batches?limit=100{(search.After is null ? "" : $"&after={Uri.EscapeDataString(search.After)}")}", deadline) ?? throw new IOException("The provider does not list batches.");
            using var list = JsonDocument.Parse(json);
            search.Take(list.RootElement);
            if (search.Found is { } batch)
            {
                var ids = await keptIds.OfAsync(tenant, deadline.Token);
                var (_, listed) = batch.Tell(JsonSerializer.SerializeToUtf8Bytes(search.Told), ids, provider.Name, work.Work.Model, null, null);
                await works.TryStartAsync(tenant, work.Work.Id, batch.Id, listed);
                return;
            }

            if (search.After is null)
            {
                break;
            }
        }

        if (search.IsSurelyNone)
        {
            await works.TryDropAsync(tenant, work.Work.Id);
            await input.ForgetAsync(revision, provider, work.Input);
        }
    }
}
