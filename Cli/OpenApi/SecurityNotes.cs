using Microsoft.OpenApi;

namespace Sluice.Cli.OpenApi;

/// <summary>What a description says of who may ask: it is noted, for who that is a gateway is told by its own keys and issuers; and a key in the query must be known there.</summary>
/// <param name="document">The description.</param>
/// <param name="asksForKey">Whether the routes ask for a client's key.</param>
/// <param name="note">Takes what is left out.</param>
internal sealed class SecurityNotes(OpenApiDocument document, bool asksForKey, Action<string> note)
{
    /// <summary>Notes what an operation asks for; returns the parameters of the query that stand for it.</summary>
    public IReadOnlyList<string> Of(string where, OpenApiOperation operation)
    {
        var asked = operation.Security ?? document.Security ?? [];
        var schemes = asked.SelectMany(requirement => requirement.Keys).DistinctBy(scheme => scheme.Reference.Id, StringComparer.Ordinal).ToList();
        if (asksForKey && operation.Security is { Count: 0 })
        {
            note($"{where}: by the description it asks for nothing, and here for a key, as all routes do with --key");
        }

        foreach (var scheme in schemes)
        {
            note($"what clients show for '{scheme.Reference.Id}' ({Describe(scheme)}) is not checked here{(asksForKey ? "" : ", and goes on to the upstream; with --key routes ask for a key of this gateway")}");
        }

        return [.. schemes.Where(scheme => scheme is { Type: SecuritySchemeType.ApiKey, In: ParameterLocation.Query, Name: not null }).Select(scheme => scheme.Name!)];
    }

    private static string Describe(OpenApiSecuritySchemeReference scheme) => scheme.Type switch
    {
        SecuritySchemeType.ApiKey => $"a key in the {scheme.In?.ToString().ToLowerInvariant()} '{scheme.Name}'",
        SecuritySchemeType.Http => $"HTTP {scheme.Scheme}",
        SecuritySchemeType.OAuth2 => "OAuth 2.0",
        SecuritySchemeType.OpenIdConnect => "OpenID Connect",
        null => "which the description does not have",
        var other => other.ToString()!,
    };
}
