using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Admin;

/// <summary>A new key.</summary>
/// <param name="Name">For people.</param>
/// <param name="User">The user it belongs to, for limits by user: 1 to 128 of A-Z a-z 0-9 . _ @ + = : ~ -.</param>
/// <param name="ExpiresAt">When it ends; left out: never.</param>
/// <param name="Models">Models it may use, each a name or a prefix ending in <c>*</c>; left out or empty: all.</param>
/// <param name="Team">The team it belongs to, for limits and budgets of teams, in the form of a user.</param>
/// <param name="Scopes">What it may do on routes that ask for scopes; left out or empty: nothing.</param>
/// <param name="Addresses">From where it may be used, each an IP address or a range such as <c>10.0.0.0/8</c>; left out or empty: from anywhere.</param>
public sealed record KeyBody(
    string? Name = null,
    string? User = null,
    DateTimeOffset? ExpiresAt = null,
    IReadOnlyList<string>? Models = null,
    string? Team = null,
    IReadOnlyList<string>? Scopes = null,
    IReadOnlyList<string>? Addresses = null);

/// <summary>How a key is replaced.</summary>
/// <param name="Overlap">How long the old key still works, such as <c>24h</c>; left out: 24 hours.</param>
public sealed record RotateBody(string? Overlap = null);

/// <summary>A tenant's keys, newest first.</summary>
public sealed record KeyList(IReadOnlyList<KeyItem> Items);

/// <summary>A key without its secret.</summary>
/// <param name="Last4">The last four characters before the checksum, to tell keys apart.</param>
/// <param name="ReplacedBy">The id of the key that replaced it, or null.</param>
public sealed record KeyItem(
    string Id,
    string Tenant,
    string? Name,
    string? User,
    IReadOnlyList<string> Models,
    string Last4,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    string? ReplacedBy,
    IReadOnlyList<string> Scopes,
    IReadOnlyList<string> Addresses);

/// <summary>A new key with its secret, shown once.</summary>
/// <param name="Key">The whole key.</param>
public sealed record NewKey(string Id, string Key, KeyItem Record)
{
    public override string ToString() => $"{Id} ***";
}

/// <summary>Keys of clients.</summary>
internal static class KeyEndpoints
{
    private const int LongestName = 200;
    private const int MostModels = 1_000;
    private const int MostTexts = 100;
    private static readonly TimeSpan DefaultOverlap = TimeSpan.FromHours(24);

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/tenants/{tenant}/keys", ListAsync)
            .Declare(AdminRole.Viewer, "list-keys", "A tenant's keys, newest first, without their secrets.")
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Path).WithTags("Tenants").Produces<KeyList>().Refuses(404);
        api.MapPost("/tenants/{tenant}/keys", CreateAsync)
            .Declare(AdminRole.Operator, "create-key", "Makes a key. Its secret is in this answer and nowhere else.")
            .ForTenants(AdminRole.TenantAdmin, TenantPlace.Path).WithTags("Tenants").Accepts<KeyBody>(isOptional: true, "application/json").Produces<NewKey>(201).Refuses(400, 404, 413, 415);
        api.MapPost("/tenants/{tenant}/keys/{id}/rotate", RotateAsync)
            .Declare(AdminRole.Operator, "rotate-key", "Makes a successor with the same rights; the old key ends after the overlap.")
            .ForTenants(AdminRole.TenantAdmin, TenantPlace.Path).WithTags("Tenants").Accepts<RotateBody>(isOptional: true, "application/json").Produces<NewKey>(201).Refuses(400, 404, 413, 415);
        api.MapDelete("/tenants/{tenant}/keys/{id}", RevokeAsync)
            .Declare(AdminRole.Operator, "revoke-key", "Revokes a key at once and for ever.")
            .ForTenants(AdminRole.TenantAdmin, TenantPlace.Path).WithTags("Tenants").Produces(204).Refuses(404);
    }

    private static Problem NoKey(string tenant, string id) => Problem.NotFound($"Tenant '{tenant}' has no live key '{id}'.");

    private static async Task<IResult> ListAsync(IGrainFactory grains, string tenant)
    {
        if (TenantEndpoints.Find(grains, tenant) is not { } grain || await grain.GetAsync() is null)
        {
            return TenantEndpoints.NoTenant(tenant);
        }

        var keys = await grain.GetKeysAsync();
        return Results.Json(new KeyList([.. keys.Select(k => Item(tenant, k))]), AdminJson.Options);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, IGrainFactory grains, string tenant, TimeProvider time)
    {
        var (body, refusal) = await RequestBody.ReadOptionalAsync(http, new KeyBody());
        if (refusal is not null)
        {
            return refusal;
        }

        if (Check(body!, time.GetUtcNow()) is { Count: > 0 } errors)
        {
            return Problem.InvalidRequest(errors);
        }

        if (body!.Scopes is { Count: > 0 } && http.Caller().Operator.Tenant is not null)
        {
            // They open routes to whom an operator lets in, not to whom a tenant does.
            return Problem.InvalidRequest("scopes", "are given by operators: leave them out, or have an operator make the key");
        }

        var spec = new KeySpec(body!.Name, body.User, body.ExpiresAt, [.. body.Models ?? []], body.Team) { Scopes = [.. body.Scopes ?? []], Addresses = [.. body.Addresses ?? []] };
        return TenantEndpoints.Find(grains, tenant) is { } grain && await grain.CreateKeyAsync(spec, http.Author()) is { } issued
            ? Created(tenant, issued)
            : TenantEndpoints.NoTenant(tenant);
    }

    private static async Task<IResult> RotateAsync(HttpContext http, IGrainFactory grains, string tenant, string id)
    {
        var (body, refusal) = await RequestBody.ReadOptionalAsync(http, new RotateBody());
        if (refusal is not null)
        {
            return refusal;
        }

        var overlap = DefaultOverlap;
        if (body!.Overlap is { } text && !Durations.TryParse(text, out overlap))
        {
            return Problem.InvalidRequest("overlap", $"must be a time such as 24h, 30m or 0s; is '{text}'");
        }

        return TenantEndpoints.Find(grains, tenant) is { } grain && await grain.RotateKeyAsync(id, overlap, http.Author()) is { } issued
            ? Created(tenant, issued)
            : NoKey(tenant, id);
    }

    private static async Task<IResult> RevokeAsync(HttpContext http, IGrainFactory grains, string tenant, string id) =>
        TenantEndpoints.Find(grains, tenant) is { } grain && await grain.RevokeKeyAsync(id, http.Author()) ? Results.NoContent() : NoKey(tenant, id);

    private static List<FieldError> Check(KeyBody body, DateTimeOffset now)
    {
        var errors = new List<FieldError>();
        if (body.Name is { Length: 0 or > LongestName })
        {
            errors.Add(new FieldError("name", $"must be 1 to {LongestName} characters, or left out"));
        }

        if (body.User is { } user && !Names.IsUser(user))
        {
            errors.Add(new FieldError("user", $"must be {Names.UserRule}, or left out; is '{user}'"));
        }

        if (body.Team is { } team && !Names.IsUser(team))
        {
            errors.Add(new FieldError("team", $"must be {Names.UserRule}, or left out; is '{team}'"));
        }

        if (body.ExpiresAt <= now)
        {
            errors.Add(new FieldError("expiresAt", "must lie in the future"));
        }

        if (body.Models?.Count > MostModels)
        {
            errors.Add(new FieldError("models", $"must be at most {MostModels}"));
        }

        var models = body.Models ?? [];
        for (var i = 0; i < models.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(models[i]) || models[i].IndexOf('*', StringComparison.Ordinal) is >= 0 and var star && star < models[i].Length - 1)
            {
                errors.Add(new FieldError($"models[{i}]", "must be a model's name, or a prefix that ends in *"));
            }
        }

        CheckEach(errors, "scopes", body.Scopes, static text => Names.IsScope(text), Names.ScopeRule);
        CheckEach(errors, "addresses", body.Addresses, AddressList.IsRange, AddressList.Rule);
        return errors;
    }

    private static void CheckEach(List<FieldError> errors, string field, IReadOnlyList<string>? texts, Func<string, bool> isRight, string rule)
    {
        if (texts?.Count > MostTexts)
        {
            errors.Add(new FieldError(field, $"must be at most {MostTexts}"));
        }

        for (var i = 0; i < texts?.Count; i++)
        {
            if (texts[i] is null || !isRight(texts[i]))
            {
                errors.Add(new FieldError($"{field}[{i}]", $"must be {rule}; is '{texts[i]}'"));
            }
        }
    }

    private static IResult Created(string tenant, IssuedKey issued) => Results.Json(
        new NewKey(issued.Record.Id, issued.Secret, Item(tenant, issued.Record)), AdminJson.Options, statusCode: StatusCodes.Status201Created);

    private static KeyItem Item(string tenant, KeyRecord key) => new(
        key.Id, tenant, key.Spec.Name, key.Spec.User, key.Spec.Models, key.Last4, key.CreatedAt, key.Spec.ExpiresAt, key.RevokedAt, key.ReplacedBy,
        key.Spec.Scopes, key.Spec.Addresses);
}
