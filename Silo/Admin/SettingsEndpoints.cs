using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Settings;

namespace Sluice.Silo.Admin;

/// <summary>What an application sees.</summary>
/// <param name="App">As asked.</param>
/// <param name="Profiles">As asked; a later one is more special than one before it.</param>
/// <param name="Revision">The active revision when this was read.</param>
/// <param name="Values">Its own values over those that all share, each over them in each profile.</param>
/// <param name="Flags">By name, for the subject that was asked for.</param>
public sealed record SettingsAnswer(
    string App, IReadOnlyList<string> Profiles, long Revision, JsonElement Values, ImmutableSortedDictionary<string, FlagResult> Flags)
{
    /// <summary>The same for the same values and flags, whatever the revision: 24 hexadecimal digits of SHA-256.</summary>
    internal string Digest() => Convert.ToHexStringLower(
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this with { App = "", Profiles = [], Revision = 0 }, AdminJson.Options)).AsSpan(0, 12));
}

/// <summary>What services read and watch. The paths below <c>/settings/{app}</c> name an application; <c>/settings/{name}</c> is the declared resource.</summary>
internal static class SettingsEndpoints
{
    private static readonly QueryParameter Profile = new("profile", "string", "The application's profiles, separated by commas; a later one is more special. At most 8.");
    private static readonly QueryParameter Subject = new("subject", "string", "For whom flags are evaluated: a user, a tenant, a machine; for nobody in particular when not given.");

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/settings/{app}/values", GetAsync)
            .Declare(
                AdminRole.Viewer,
                "get-settings-values",
                "What an application sees in the active revision: values, merged, and flags. The ETag is the revision; with If-None-Match the answer is 304 while that one is active.",
                Profile,
                Subject)
            .WithTags("Setting").Produces<SettingsAnswer>().Produces(StatusCodes.Status304NotModified).Refuses(400);
        api.MapGet("/settings/{app}/watch", WatchAsync)
            .Declare(
                AdminRole.Viewer,
                "watch-settings",
                "Server-sent events: what the application sees at once, then each time that it changes. With the header Last-Event-ID nothing comes before it differs from what that event said.",
                Profile,
                Subject)
            .WithTags("Setting")
            .Produces<string>(contentType: "text/event-stream")
            .Refuses(400);
    }

    private static async Task<IResult> GetAsync(HttpContext http, ActiveSettings settings, string app)
    {
        var query = new QueryReader(http.Request);
        if (Read(query, app, out var profiles, out var subject) is { } wrong)
        {
            return wrong;
        }

        var active = await settings.GetAsync(http.RequestAborted);
        PublishAnswers.SetRevision(http, active.Revision);
        return query.HasRevision(active.Revision)
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Json(Answer(active, app, profiles, subject), AdminJson.Options);
    }

    private static async Task<IResult> WatchAsync(HttpContext http, ActiveSettings settings, ChangePoke poke, TimeProvider time, string app)
    {
        if (Read(new QueryReader(http.Request), app, out var profiles, out var subject) is { } wrong)
        {
            return wrong;
        }

        // An event's id says what it said, so that any silo knows it, after a restart too: <revision>-<digest>.
        var told = "";
        if (http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last)
        {
            if (last.Split('-') is not [var number, { Length: 24 } digest] || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _) || !digest.All(char.IsAsciiHexDigitLower))
            {
                return Problem.InvalidRequest("header: Last-Event-ID", $"must be the id of an event of this stream; is '{last}'");
            }

            told = digest;
        }

        RevisionSettings? looked = null;
        return await EventStream.RunAsync(http, poke, time, async (stream, ended) =>
        {
            var active = await settings.GetAsync(ended);
            if (ReferenceEquals(active, looked))
            {
                return false;
            }

            looked = active;
            var answer = Answer(active, app, profiles, subject);
            var digest = answer.Digest();
            if (!string.Equals(digest, told, StringComparison.Ordinal))
            {
                await stream.SendAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{active.Revision}-{digest}"), "settings", JsonSerializer.Serialize(answer, AdminJson.Options), ended);
                told = digest;
            }

            return false;
        });
    }

    private static Problem? Read(QueryReader query, string app, out ImmutableArray<string> profiles, out string? subject)
    {
        subject = query.Text("subject");
        if (subject?.Length > FlagShares.LongestSubject)
        {
            query.Wrong("subject", string.Create(CultureInfo.InvariantCulture, $"is longer than {FlagShares.LongestSubject} characters"));
        }

        return AppName.Check(app, "query: profile", query.Text("profile"), out profiles) ?? query.Problem;
    }

    private static SettingsAnswer Answer(RevisionSettings active, string app, ImmutableArray<string> profiles, string? subject) => new(
        app,
        profiles,
        active.Revision,
        active.Table.For(app, profiles).Values,
        active.Table.FlagsFor(app).ToImmutableSortedDictionary(f => f.Resource.Name, f => f.For(subject), StringComparer.Ordinal));
}
