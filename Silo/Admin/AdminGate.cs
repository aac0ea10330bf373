using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Storage;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Silo.Console.Session;
using Sluice.Silo.Oidc;
using Sluice.Storage;

namespace Sluice.Silo.Admin;

/// <summary>
/// Stands before every endpoint of the admin API: who asks, whether the role allows it, whether the query is known. It denies by default, and turns
/// every failure into problem details.
/// </summary>
internal sealed class AdminGate(RequestDelegate next, IGrainFactory grains, OidcOptions oidc, OperatorTokens tokens, TimeProvider time, ILogger<AdminGate> log)
{
    // What makes a browser ask for the key.
    private const string Challenge = "Basic realm=\"sluice-admin\", charset=\"UTF-8\"";
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            if (await RefuseAsync(http) is { } refusal)
            {
                await refusal.ExecuteAsync(http);
                return;
            }

            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null } answer)
            {
                await Problem.OfStatus(answer.StatusCode).ExecuteAsync(http);
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller left.
        }
        catch (Exception failure) when (!http.Response.HasStarted)
        {
            await Explain(http, failure).ExecuteAsync(http);
        }
    }

    private async Task<Problem?> RefuseAsync(HttpContext http)
    {
        var endpoint = http.GetEndpoint();
        var declaration = endpoint?.Metadata.GetMetadata<Declaration>();
        if (declaration is { Role: null })
        {
            return null;
        }

        var (caller, refusal) = await IdentifyAsync(http, declaration);
        if (caller is null)
        {
            http.Response.Headers.WWWAuthenticate = declaration is { ForBrowsers: true } or { TakesBasic: true } ? Challenge : "Bearer realm=\"sluice-admin\"";
            return refusal ?? Problem.Unauthenticated;
        }

        if (declaration is null)
        {
            // The router's own endpoints answer 405; one of ours without a declaration is a defect, and closed.
            return endpoint is RouteEndpoint ? Problem.Forbidden("This endpoint declares no role.") : null;
        }

        if (caller.Tenant is { } tenant)
        {
            var access = endpoint?.Metadata.GetMetadata<TenantAccess>();
            if (access is null || caller.Role < access.Role)
            {
                return Problem.Forbidden(
                    $"This needs the role {Enums.NameOf(access?.Role ?? declaration.Role.Value)}; '{caller.Name}' is {Enums.NameOf(caller.Role)} of tenant '{tenant}', and may do nothing but what concerns that tenant.");
            }

            if ((CheckQuery(http.Request, declaration) ?? access.Check(http, tenant)) is { } notOwn)
            {
                return notOwn;
            }
        }
        else if (caller.Role < declaration.Role)
        {
            return Problem.Forbidden($"This needs the role {Enums.NameOf(declaration.Role.Value)}; '{caller.Name}' is {Enums.NameOf(caller.Role)}.");
        }

        if (!caller.ReadsBodies && endpoint?.Metadata.GetMetadata<ShowsBodies>() is not null)
        {
            return CallBodyEndpoints.NotShown(caller);
        }

        http.Features.Set(new AdminCaller(caller, new Author(caller.Name, Via(http), From(http))));
        return declaration.ForBrowsers ? null : CheckQuery(http.Request, declaration);
    }

    private async Task<(Operator? Caller, Problem? Refusal)> IdentifyAsync(HttpContext http, Declaration? declaration)
    {
        // Of the console alone: no request of the network carries it.
        if (http.Features.Get<SignedIn>() is { } who)
        {
            return (await who.FindAsync(grains, oidc, time), null);
        }

        var header = http.Request.Headers.Authorization.ToString();
        var secret = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim()
            : declaration is { ForBrowsers: true } or { TakesBasic: true } ? BasicKey.Read(header)
            : null;
        if (secret is not null && tokens.MayBe(secret))
        {
            return await tokens.IdentifyAsync(secret, http.RequestAborted);
        }

        return secret is not null && KeyFormat.IsWellFormed(secret, KeyFormat.AdminPrefix) && await grains.GetGrain<IAdminKeysGrain>(IAdminKeysGrain.Key).IdentifyAsync(secret) is { } key
            ? (Operator.Of(key), null)
            : (null, null);
    }

    private static Problem? CheckQuery(HttpRequest request, Declaration declaration)
    {
        var known = declaration.Query.Select(q => q.Name).ToArray();
        var errors = new List<FieldError>();
        foreach (var (name, values) in request.Query)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
            {
                errors.Add(new FieldError($"query: {name}", Unknown.Say("parameter", name, known)));
            }
            else if (values.Count > 1)
            {
                errors.Add(new FieldError($"query: {name}", "is there more than once"));
            }
        }

        return errors.Count > 0 ? Problem.InvalidRequest(errors) : null;
    }

    private Problem Explain(HttpContext http, Exception failure)
    {
        // A grain may wrap what its storage said in what that means to its caller.
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is StorageRefusedException refused)
            {
                log.LogWarning("{Endpoint} could not write: {Reason}", http.GetEndpoint()?.DisplayName, refused.Message);
                http.Response.Headers.RetryAfter = "5";
                return refused.IsFull ? Problem.StorageFull : Problem.StorageRefused;
            }
        }

        switch (failure)
        {
            case BadHttpRequestException bad:
                return Problem.OfStatus(bad.StatusCode, bad.Message);
            case TimeoutException or OrleansMessageRejectionException or SiloUnavailableException:
                log.LogWarning("{Method} {Path} found no silo in time: {Reason}", http.Request.Method, http.GetEndpoint()?.DisplayName, failure.Message);
                return Problem.Unavailable;
            case InconsistentStateException:
                log.LogWarning("{Method} {Path} came second to another write of the same state: {Reason}", http.Request.Method, http.GetEndpoint()?.DisplayName, failure.Message);
                return Problem.StorageRefused;
            default:
                log.LogError(failure, "{Endpoint} failed", http.GetEndpoint()?.DisplayName);
                return Problem.Internal;
        }
    }

    // Told by the client itself: for people who read the history, never for a decision.
    private static string Via(HttpContext http) => http.Features.Get<SignedIn>() is not null ? "console"
        : http.Request.Headers.UserAgent.ToString().StartsWith("sluice-cli/", StringComparison.Ordinal) ? "cli" : "api";

    private static string From(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : IPAddress.None.ToString();
}

/// <summary>Who asks.</summary>
internal sealed record AdminCaller(Operator Operator, Author Author);

internal static class AdminCallerExtensions
{
    public static AdminCaller Caller(this HttpContext http) => http.Features.GetRequiredFeature<AdminCaller>();

    public static Author Author(this HttpContext http) => http.Caller().Author;
}
