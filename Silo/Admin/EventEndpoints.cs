using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Admin;

/// <summary>A change as watchers see it: never a key's hash.</summary>
public sealed record EventAnswer(long Number, DateTimeOffset At, ChangeKind Kind, string Subject, Author Author);

/// <summary>Server-sent events (WHATWG HTML, section 9.2): each change once and in order; <c>Last-Event-ID</c> resumes.</summary>
internal static class EventEndpoints
{
    private const int PageSize = 200;

    public static void Map(RouteGroupBuilder api) => api.MapGet("/events", WatchAsync)
        .Declare(
            AdminRole.Viewer,
            "watch-events",
            "Server-sent events: what changes from now on or, with the header Last-Event-ID, after that one. An event 'reset' says that older ones were let go.",
            new("kind", "string", "Only these kinds, separated by commas."),
            new("after", "integer", "As Last-Event-ID, for clients that cannot send the header; 0 for all that is kept."))
        .ForTenants(AdminRole.TenantViewer, TenantPlace.Caller).WithTags("Fleet")
        .Produces<string>(contentType: "text/event-stream")
        .Refuses(400);

    private static async Task<IResult> WatchAsync(HttpContext http, IGrainFactory grains, ChangePoke poke, TimeProvider time)
    {
        var query = new QueryReader(http.Request);
        var after = query.Number("after", 0, long.MaxValue);
        var kinds = ReadKinds(query);
        if (http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last)
        {
            if (!long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return Problem.InvalidRequest("header: Last-Event-ID", $"must be the number of an event; is '{last}'");
            }

            after = number;
        }

        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var own = http.Caller().Operator.Tenant;
        var log = grains.GetGrain<IChangeLogGrain>(AdminApi.Workspace);
        var from = after ?? await log.GetLastAsync();
        return await EventStream.RunAsync(http, poke, time, async (stream, ended) =>
        {
            var page = await log.SinceAsync(from, PageSize);
            if (!page.Complete && from > 0)
            {
                from = page.Last;
                await stream.SendAsync(Number(from), "reset", $"{{\"last\":{Number(from)}}}", ended);
                return true;
            }

            foreach (var change in page.Changes)
            {
                from = change.Number;
                if ((kinds is null || kinds.Contains(change.Kind)) && (own is null || string.Equals(TenantOf(change), own, StringComparison.Ordinal)))
                {
                    await stream.SendAsync(Number(change.Number), Name(change.Kind), Write(own is null ? change : change with { Author = change.Author with { From = "" } }), ended);
                }
            }

            return page.Changes.Length == PageSize;
        });
    }

    // Whom a change concerns alone; null: more than one tenant, or none.
    private static string? TenantOf(Change change) => change.Kind switch
    {
        ChangeKind.TenantCreated or ChangeKind.TenantChanged or ChangeKind.KeyCreated or ChangeKind.KeyChanged
            or ChangeKind.SubscriptionRequested or ChangeKind.SubscriptionApproved or ChangeKind.SubscriptionRejected or ChangeKind.SubscriptionWithdrawn => change.Subject.Split('/')[0],
        ChangeKind.BudgetExhausted or ChangeKind.BudgetWarning or ChangeKind.BudgetToppedUp => Subjects.TenantOf(change.Subject[(change.Subject.IndexOf('/', StringComparison.Ordinal) + 1)..]),
        _ => null,
    };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Write(Change change) =>
        JsonSerializer.Serialize(new EventAnswer(change.Number, change.At, change.Kind, change.Subject, change.Author), AdminJson.Options);

    private static string Name(ChangeKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    private static HashSet<ChangeKind>? ReadKinds(QueryReader query)
    {
        if (query.Text("kind") is not { } text)
        {
            return null;
        }

        var known = Enum.GetValues<ChangeKind>().ToDictionary(Name, StringComparer.Ordinal);
        var kinds = new HashSet<ChangeKind>();
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (known.TryGetValue(name, out var kind))
            {
                kinds.Add(kind);
            }
            else
            {
                query.Wrong("kind", Unknown.Say("kind of event", name, known.Keys));
            }
        }

        return kinds;
    }
}
