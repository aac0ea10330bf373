using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Silo.Admin;

/// <summary>What the query of a call that changes resources says; its parameters are those of <see cref="ApplyEndpoints"/>.</summary>
internal sealed record ChangeQuery(bool DryRun, bool TakeOver, string? Reason, long? IfMatch, string? PublishId, bool Wait)
{
    /// <summary>Reads it; what is wrong is noted as an error.</summary>
    public static ChangeQuery Read(QueryReader query)
    {
        var (publishId, wait) = ApplyEndpoints.ReadWait(query);
        return new ChangeQuery(
            query.Flag(ApplyEndpoints.DryRun.Name), query.Flag(ApplyEndpoints.TakeOver.Name), ApplyEndpoints.ReadReason(query), query.IfMatch(AdminApi.Workspace), publishId, wait);
    }

    /// <summary>The publish that it asks for.</summary>
    public PublishRequest Publish(HttpContext http, ImmutableArray<byte[]> put, ImmutableArray<ResourceKey> delete, bool prune = false) =>
        new(put, delete, prune, IfMatch, DryRun, http.Author(), Reason, PublishId, Wait, TakeOver: TakeOver);
}
