using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Configuration;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Kept;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Deferred;

/// <summary>Looks at a response that comes later, and has it charged by its usage once it is there. One of which nothing can be known any more counts with all that was held.</summary>
internal sealed class ResponseLook(KeptProvider kept, DeferredWorks works, TimeProvider time)
{
    /// <summary>Looks once.</summary>
    /// <exception cref="HttpRequestException">The provider was not reached.</exception>
    /// <exception cref="IOException">The provider broke off, or does not tell of it.</exception>
    /// <exception cref="OperationCanceledException">Time ran out.</exception>
    public async Task LookAsync(string tenant, OpenWork work, EdgeRevision revision, ProviderResource provider, Deadline deadline)
    {
        if (work.Place is not { } place)
        {
            // Its edge was lost before the provider's answer was stored, and there is no list to find it in.
            if (time.GetUtcNow() - work.AskedAt > UnknownWork.CertainAfter)
            {
                await works.TryEndAsync(tenant, work.Work.Id, UnknownWork.End);
            }

            return;
        }

        using var answer = await kept.SendAsync(revision, provider, HttpMethod.Get, $"/responses/{Uri.EscapeDataString(place)}", null, deadline);
        if (answer.Status == StatusCodes.Status404NotFound)
        {
            await works.TryEndAsync(tenant, work.Work.Id, UnknownWork.End);
            return;
        }

        deadline.In(provider.Timeouts.Idle);
        if (!answer.IsSuccess || await KeptProvider.ReadAsync(answer, KeptProvider.MostOfObject) is not { } json)
        {
            throw new IOException("The provider does not tell of it.");
        }

        if (EndOf(work.Work, json) is { } end)
        {
            await works.TryEndAsync(tenant, work.Work.Id, end);
        }
    }

    /// <summary>How a response has ended; null: it has not.</summary>
    /// <param name="work">As it was admitted.</param>
    /// <param name="json">The response as its provider tells it.</param>
    public static DeferredEnd? EndOf(DeferredWork work, ReadOnlySpan<byte> json)
    {
        if (!HasEnded(json))
        {
            return null;
        }

        var facts = DialectTable.Responses.ReadWholeFacts(json);
        return facts.Usage is { } usage
            ? new DeferredEnd(UsageSource.Reported, usage, work.Price is { } price ? Costs.Of(DeferredPrices.Open(price), usage, price.MarkUp, facts.IsBatch) : 0, 1, StatusCodes.Status200OK, facts.IsBatch)
            : Read(json).Status is "failed" ? new DeferredEnd(UsageSource.None, default, 0, 1, StatusCodes.Status200OK)
            : UnknownWork.End;
    }

    /// <summary>Whether a response is not worked at any more.</summary>
    public static bool HasEnded(ReadOnlySpan<byte> json) => Read(json).Status is "completed" or "failed" or "cancelled" or "incomplete";

    /// <summary>A response's id and status; null where it does not tell them.</summary>
    public static (string? Id, string? Status) Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement is { ValueKind: JsonValueKind.Object } response ? (Text(response, "id"), Text(response, "status")) : default;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return default;
        }
    }

    private static string? Text(JsonElement response, string name) => response.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
