using System.CommandLine;
using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice events</c></summary>
internal static class EventsCommand
{
    public static Command Define()
    {
        var kind = new Option<string?>("--kind") { Description = "Only these kinds, separated by commas, such as revision-activated." };
        var after = new Option<long?>("--after") { Description = "Begin after this event; 0: all that is kept. When not given: what comes from now on." };
        return AdminSession.Define(
            "events",
            "Follow what changes, a line each, until Ctrl-C.",
            async (session, parsed, cancellation) =>
            {
                var path = ApiPath.Query(
                    "events", ("kind", parsed.GetValue(kind)), ("after", parsed.GetValue(after)?.ToString(CultureInfo.InvariantCulture)));
                try
                {
                    await FollowAsync(session, path, cancellation);
                }
                catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
                {
                    return ExitCode.Done;
                }

                await session.Error.WriteLineAsync("sluice: the silo ended the stream");
                return ExitCode.Failed;
            },
            kind,
            after);
    }

    private static async Task FollowAsync(AdminSession session, string path, CancellationToken cancellation)
    {
        using var answer = await session.Client.OpenAsync(HttpMethod.Get, path, null, null, cancellation);
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
        try
        {
            await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellation))
            {
                await session.Output.WriteLineAsync(session.Json ? item.Data : Tell(item));
                await session.Output.FlushAsync(cancellation);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new AdminRefusedException($"the stream of events broke: {e.Message}", inner: e);
        }
    }

    private static string Tell(SseItem<string> item) =>
        item.EventType is not "reset" && JsonSerializer.Deserialize<EventAnswer>(item.Data, AdminJson.Options) is { } change
            ? string.Create(CultureInfo.InvariantCulture, $"{change.Number,6}  {change.At:yyyy-MM-dd HH:mm:ss'Z'}  {item.EventType,-20}  {change.Subject}  by {change.Author.Name}")
            : $"        older events were let go; the last is {item.EventId}";
}
