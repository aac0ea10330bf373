using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Silo.Admin;

/// <summary>Problem details (RFC 9457). The <c>type</c> is stable: programs may decide by it.</summary>
/// <param name="Type"><c>urn:sluice:problem:</c> and a name.</param>
/// <param name="Title">The same for each problem of this type.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong this time, and what would be right.</param>
/// <param name="Errors">Each field that is wrong.</param>
/// <param name="Revision">With a conflict: the active revision.</param>
/// <param name="Differing">With a conflict: what differs between the caller's revision and the active one.</param>
/// <param name="Owned">With a conflict of owners: each resource that belongs to another, and to whom.</param>
public sealed record Problem(
    string Type,
    string Title,
    int Status,
    string? Detail = null,
    IReadOnlyList<FieldError>? Errors = null,
    long? Revision = null,
    IReadOnlyList<ResourceChange>? Differing = null,
    IReadOnlyList<OwnedResource>? Owned = null) : IResult
{
    private const string Prefix = "urn:sluice:problem:";

    /// <summary>Writes the problem as the answer.</summary>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = Status;
        return httpContext.Response.WriteAsJsonAsync(this, AdminJson.Options, "application/problem+json", CancellationToken.None);
    }

    internal static Problem InvalidResource(IReadOnlyList<FieldError> errors) =>
        new(Prefix + "invalid-resource", "The resources are not valid", 400, Summary(errors), errors);

    internal static Problem InvalidRequest(IReadOnlyList<FieldError> errors) =>
        new(Prefix + "invalid-request", "The request is not valid", 400, Summary(errors), errors);

    internal static Problem InvalidRequest(string path, string message) => InvalidRequest([new FieldError(path, message)]);

    internal static Problem Unauthenticated { get; } = new(
        Prefix + "unauthenticated", "An admin key is needed", 401, "Send a valid key as 'Authorization: Bearer slc_admin_…'.");

    /// <summary>A token of the identity provider that is not taken.</summary>
    internal static Problem InvalidToken(string why) => Unauthenticated with { Title = "The token was not taken", Detail = $"The token was not taken: {why}." };

    /// <summary>The identity provider's keys are not known.</summary>
    internal static Problem ProviderUnreached { get; } = new(
        Prefix + "unavailable", "The token could not be checked", 503, "The identity provider's keys are not known at this moment; try again, or use an admin key.");

    internal static Problem Forbidden(string detail) => new(Prefix + "forbidden", "The role does not allow this", 403, detail);

    internal static Problem NotFound(string detail) => new(Prefix + "not-found", "There is no such thing", 404, detail);

    internal static Problem UnknownKind(string detail) => new(Prefix + "unknown-kind", "There is no such kind of resource", 404, detail);

    internal static Problem Exists(string detail) => new(Prefix + "exists", "It is there already", 409, detail);

    internal static Problem LeaseHeld(string detail) => new(Prefix + "lease-held", "The lease has an owner", 409, detail);

    internal static Problem RolloutRuns(string detail) => new(Prefix + "rollout-runs", "Another rollout moves this split", 409, detail);

    internal static Problem RolloutState(string detail) => new(Prefix + "rollout-state", "The rollout is not in a state for this", 409, detail);

    internal static Problem SubscriptionState(string detail) => new(Prefix + "subscription-state", "The subscription is not in a state for this", 409, detail);

    internal static Problem LastAdminKey { get; } = new(
        Prefix + "last-admin-key", "The last key of role admin stays", 409, "Make another key of role admin before this one is revoked.");

    /// <summary>An edge cannot run it: nothing was activated.</summary>
    internal static Problem Refused(PublishOutcome.Refused refused) => new(
        Prefix + "refused-by-edge",
        "An edge cannot run this",
        422,
        $"{(refused.Edge.Length > 0 ? $"Edge {refused.Edge}" : "An edge, at an earlier apply,")} refused it ({refused.Refusal.Code}); nothing was activated anywhere.",
        [new FieldError(refused.Refusal.Path, refused.Refusal.Message)]);

    /// <summary>The workspace is strict, and edges were silent.</summary>
    internal static Problem Unheld(IReadOnlyList<string> edges) => new(
        Prefix + "edges-silent",
        "Not every edge could be brought to hold its requests",
        503,
        $"The workspace is strict: a change is made only while every edge holds new requests for it, or has surely lost its lease.{(edges.Count > 0 ? $" Silent: {string.Join(", ", edges)}." : "")} Nothing was activated; try again.");

    internal static Problem Conflict(Head head, IReadOnlyList<ResourceChange> differing) => new(
        Prefix + "conflict",
        "Another change came first",
        409,
        string.Create(CultureInfo.InvariantCulture, $"Revision {head.Revision} is active. Look at what differs, then send the change with If-Match: {head.Revision}."),
        Revision: head.Revision,
        Differing: differing);

    /// <summary>A revision whose resources are not kept any more.</summary>
    internal static Problem Pruned(long number) => new(
        Prefix + "revision-pruned",
        "The revision's resources are not kept any more",
        410,
        string.Create(CultureInfo.InvariantCulture, $"Retention let the resources of revision {number} go; its audit entry stays. The history says which revisions are kept; pin one to keep it longer."),
        Revision: number);

    /// <summary>What the change would overwrite or remove belongs to other ways in.</summary>
    internal static Problem OwnerConflict(IReadOnlyList<OwnedResource> owned) => new(
        Prefix + "owner-conflict",
        "What would be changed belongs to another",
        409,
        "Nothing was changed. Change it where it is declared, or take it over with takeOver=true (--take-over).",
        [.. owned.Select(o => new FieldError($"{o.Kind}/{o.Name}", $"belongs to {o.Owner}, and this change comes through another way"))],
        Owned: owned);

    internal static Problem MediaType { get; } = OfStatus(415);

    internal static Problem Encoded { get; } = new(
        Prefix + "unsupported-media-type", "The body is encoded", 415, "Send the body as it is, without Content-Encoding: packed ones are not unpacked here.");

    internal static Problem Unavailable { get; } = new(
        Prefix + "unavailable", "The cluster did not answer in time", 503, "Nothing is known about the outcome: read the state, then try again.");

    internal static Problem StorageFull { get; } = new(
        Prefix + "storage-full", "There is no room to store the change", 507, "Nothing was changed. Make room on the disk of the data folder, then try again; no restart is needed.");

    internal static Problem StorageRefused { get; } = new(
        Prefix + "storage-refused", "The change could not be stored", 503, "Read the state, then try again; the silo's log says what the store answered.");

    /// <summary>A file of records is missing or damaged.</summary>
    internal static Problem RecordsLost(string detail) => new(Prefix + "records-lost", "Records of a day cannot be read", 500, detail);

    /// <summary>The call log was not searched: it took too long, or cannot be searched here.</summary>
    internal static Problem SearchRefused(string detail) => new(Prefix + "search-refused", "The call log was not searched", 503, detail);

    /// <summary>An edge that the console called for somebody.</summary>
    internal static Problem Unreached(string detail) => new(Prefix + "unreached", "The edge was not reached", 502, detail);

    internal static Problem Internal { get; } = new(Prefix + "internal", "Something failed inside Sluice", 500, "The silo's log says what.");

    /// <summary>For statuses that the server itself gives.</summary>
    internal static Problem OfStatus(int status, string? detail = null) => status switch
    {
        404 => NotFound(detail ?? "No such path; the API is described at /openapi/v1.json."),
        405 => new(Prefix + "method-not-allowed", "The path does not take this method", 405, detail ?? "The header Allow names the methods."),
        408 => new(Prefix + "request-timeout", "The request came too slowly", 408, detail),
        415 => new(Prefix + "unsupported-media-type", "The body's type is not known", 415, "Send Content-Type: application/json; for resources and bundles application/yaml, too."),
        413 => new(Prefix + "too-large", "The body is too large", 413, $"At most {RequestBody.MaxBytes / 1024 / 1024} MiB are read."),
        >= 500 => Internal,
        _ => new(Prefix + "invalid-request", "The request is not valid", status, detail),
    };

    private static string Summary(IReadOnlyList<FieldError> errors) =>
        errors.Count is 1 ? "One thing is wrong." : string.Create(CultureInfo.InvariantCulture, $"{errors.Count} things are wrong.");
}
