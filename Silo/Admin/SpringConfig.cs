using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Resources;
using Sluice.Revisions.Settings;

namespace Sluice.Silo.Admin;

/// <summary>An application's settings as a Spring Cloud Config server tells them (its class <c>Environment</c>).</summary>
/// <param name="Version">The revision's number.</param>
/// <param name="PropertySources">The most special first. Each key stands in one of them alone, so that clients that merge lists item by item read what is meant.</param>
public sealed record SpringEnvironment(
    string Name, IReadOnlyList<string> Profiles, string? Label, string Version, IReadOnlyList<SpringPropertySource> PropertySources);

/// <summary>The values of one setting by whole keys: <c>a.b[0]</c>.</summary>
public sealed record SpringPropertySource(string Name, IReadOnlyDictionary<string, JsonElement> Source);

/// <summary>
/// What clients of Spring Cloud Config (Spring Boot, Steeltoe) ask for, below <c>/config</c>: <c>spring.cloud.config.uri</c> is <c>https://…:7070/config</c>, the password
/// is an admin key. The shape is that of another product, so it is no part of the API's description.
/// </summary>
internal static class SpringConfig
{
    // What clients ask for that were not told a label.
    private static readonly string[] ActiveLabels = ["main", "master"];

    public static void Map(IEndpointRouteBuilder app)
    {
        foreach (var path in new[] { "/config/{app}/{profiles}", "/config/{app}/{profiles}/{label}" })
        {
            app.MapGet(path, GetAsync).WithMetadata(new Declaration(AdminRole.Viewer, []) { TakesBasic = true }).ExcludeFromDescription();
        }
    }

    private static async Task<IResult> GetAsync(HttpContext http, ActiveSettings active, string app, string profiles, string? label = null)
    {
        if (AppName.Check(app, "path: profile", profiles, out var read) is { } wrong)
        {
            return wrong;
        }

        var settings = label is null || ActiveLabels.Contains(label, StringComparer.Ordinal) ? await active.GetAsync(http.RequestAborted)
            : long.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? await active.FindAsync(number)
            : null;
        if (settings is null)
        {
            return Problem.NotFound($"There is no revision '{label}': a label is the number of one, or left out for the active one.");
        }

        PublishAnswers.SetRevision(http, settings.Revision);
        var merged = settings.Table.For(app, read);
        var bySource = merged.BySource();
        return Results.Json(
            new SpringEnvironment(
                app,
                read,
                label,
                settings.Revision.ToString(CultureInfo.InvariantCulture),
                [.. merged.Sources.Reverse().Select(s => Source(s, bySource[s])).Where(s => s.Source.Count > 0)]),
            AdminJson.Options);
    }

    // Of two keys that are written alike, a name with a dot and a nested one, the last stands.
    private static SpringPropertySource Source(SettingResource setting, IEnumerable<FlatValue> values)
    {
        var source = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (key, value) in values)
        {
            source[key] = value;
        }

        return new SpringPropertySource($"sluice:{setting.Kind}/{setting.Name}", source);
    }
}
