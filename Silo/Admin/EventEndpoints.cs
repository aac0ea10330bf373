using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Silo.Admin;

/// <summary>A change as watchers see it: never a key's hash.</summary>
public sealed record EventAnswer(long Number, DateTimeOffset At, ChangeKind Kind, string Subject, Author Author);

/// <summary>Server-sent events (WHATWG HTML, section 9.2): each change once and in order; <c>Last-Event-ID</c> resumes.</summary>
internal static class EventEndpoints
{
    private const int PageSize = 200;
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    // A lost poke is healed by a look of one's own.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(3);

    public static void Map(RouteGroupBuilder api) => api.MapGet("/events", WatchAsync)
        .Declare(
            AdminRole.Viewer,
            "watch-events",
            "Server-sent events: what changes from now on or, with the header Last-Event-ID, after that one. An event 'reset' says that older ones were let go.",
            new("kind", "string", "Only these kinds, separated by commas."),
            new("after", "integer", "As Last-Event-ID, for clients that cannot send the header; 0 for all that is kept."))
        .WithTags("Fleet")
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

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, poke.Stopping);
        var log = grains.GetGrain<IChangeLogGrain>(AdminApi.Workspace);
        var from = after ?? await log.GetLastAsync();
        http.Response.ContentType = "text/event-stream";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await http.Response.WriteAsync(": sluice\n\n", ended.Token);
            await SendAsync(http.Response, log, from, kinds, poke, time, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The watcher left, or the silo stops.
        }

        return Results.Empty;
    }

    private static async Task SendAsync(
        HttpResponse response, IChangeLogGrain log, long from, HashSet<ChangeKind>? kinds, ChangePoke poke, TimeProvider time, CancellationToken ended)
    {
        var written = time.GetTimestamp();
        await response.Body.FlushAsync(ended);
        while (!ended.IsCancellationRequested)
        {
            var next = poke.Next;
            var page = await log.SinceAsync(from, PageSize);
            if (!page.Complete)
            {
                await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"event: reset\nid: {page.Last}\ndata: {{\"last\":{page.Last}}}\n\n"), ended);
                written = time.GetTimestamp();
                from = page.Last;
                await response.Body.FlushAsync(ended);
                continue;
            }

            foreach (var change in page.Changes)
            {
                from = change.Number;
                if (kinds is null || kinds.Contains(change.Kind))
                {
                    await response.WriteAsync(Write(change), ended);
                    written = time.GetTimestamp();
                }
            }

            if (time.GetElapsedTime(written) >= KeepAlive)
            {
                await response.WriteAsync(": alive\n\n", ended);
                written = time.GetTimestamp();
            }

            await response.Body.FlushAsync(ended);
            if (page.Changes.Length < PageSize)
            {
                await Task.WhenAny(next, Task.Delay(Look, time, ended));
            }
        }
    }

    private static string Write(Change change) => string.Create(
        CultureInfo.InvariantCulture,
        $"id: {change.Number}\nevent: {Name(change.Kind)}\ndata: {JsonSerializer.Serialize(new EventAnswer(change.Number, change.At, change.Kind, change.Subject, change.Author), AdminJson.Options)}\n\n");

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
