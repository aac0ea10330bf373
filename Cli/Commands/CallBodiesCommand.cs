using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice call-bodies</c></summary>
internal static class CallBodiesCommand
{
    private static readonly string[] HoldColumns = ["HOLD", "OF", "UNTIL", "BY", "SINCE", "WHY"];

    public static Command Define()
    {
        var tenant = new Option<string>("--tenant") { Description = "Whose calls.", Required = true };
        var of = new Option<string?>("--tenant") { Description = "Whose call; asked of the call log when not given." };
        var id = new Argument<string>("id") { Description = "A request, by its sluice-request-id." };
        var call = new Option<string?>("--call") { Description = "Of one request alone, by its id." };
        var user = new Option<string?>("--user") { Description = "Of one user alone." };
        var from = new Option<string?>("--from") { Description = "Of calls that came then or later: a day or time (UTC)." };
        var to = new Option<string?>("--to") { Description = "Of calls that came then or earlier." };
        var hold = new Argument<string>("hold") { Description = "A hold, by its id, as 'status' lists it." };
        var after = new Option<string?>("--after") { Description = "The last call of the thousand before.", HelpName = "ID" };
        var file = new Option<string>("--file") { Description = "Into which file; - prints them.", HelpName = "FILE", DefaultValueFactory = _ => "-" };
        var why = new Option<string>("--why") { Description = "Why: it is written down.", HelpName = "TEXT", Required = true };
        var until = new Option<DateTimeOffset?>("--until") { Description = "When it ends by itself, such as 2027-01-31T00:00:00Z; when it is released, where it is not given." };
        return new Command("call-bodies", "Read, erase and hold what was said in calls, where a model or route has it kept.")
        {
            AdminSession.Define(
                "show",
                "Show what was said in a call. Needs a key that may read bodies; that it was read is written down.",
                async (session, parsed, cancellation) => await ShowAsync(session, parsed.GetRequiredValue(id), parsed.GetValue(of), cancellation),
                id,
                of),
            AdminSession.Define(
                "status",
                "Show how many bodies are kept of a tenant, what is held, and who did something to them.",
                async (session, parsed, cancellation) =>
                {
                    var summary = await session.Client.GetAsync<BodiesSummary>(ApiPath.Query(ApiPath.Join("calls", "bodies"), [("tenant", parsed.GetValue(tenant))]), cancellation);
                    if (!session.Json)
                    {
                        session.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{summary.Calls:N0} calls in {summary.Bytes:N0} bytes{(summary.Oldest is { } oldest ? $", the oldest of {oldest.UtcDateTime:yyyy-MM-dd HH:mm:ss'Z'}" : "")}"));
                    }

                    if (!session.Json && !summary.Holds.IsEmpty)
                    {
                        session.Output.WriteLine();
                        session.Write(summary.Holds, HoldColumns, summary.Holds.Select(Row));
                        session.Output.WriteLine();
                    }

                    return session.Write(summary, ["WHEN", "WHO", "VIA", "DID", "WHAT"], summary.Accesses.Select(one => new[]
                    {
                        Time(one.At), one.By.Name, one.By.Via, one.Act.ToString().ToLowerInvariant(), one.What,
                    }));
                },
                tenant),
            AdminSession.Define(
                "erase",
                "Let bodies go: of one call, of a user, of a time, or all of a tenant together with the key that opens them.",
                async (session, parsed, cancellation) =>
                {
                    var one = parsed.GetValue(call);
                    var path = one is null
                        ? ApiPath.Query(ApiPath.Join("calls", "bodies"), [("tenant", parsed.GetValue(tenant)), ("user", parsed.GetValue(user)), ("from", parsed.GetValue(from)), ("to", parsed.GetValue(to))])
                        : ApiPath.Query(ApiPath.Join("calls", one, "bodies"), [("tenant", parsed.GetValue(tenant))]);
                    var erased = await session.Client.SendAsync<BodiesErased>(HttpMethod.Delete, path, null, null, cancellation);
                    return session.Tell(erased, string.Create(CultureInfo.InvariantCulture, $"Bodies of {erased.Calls:N0} calls are erased.{(erased.Held > 0 ? $" Those of {erased.Held:N0} more stay, for they are held." : "")}"));
                },
                tenant,
                call,
                user,
                from,
                to),
            AdminSession.Define(
                "hold",
                "Hold bodies of a call, of a user, or of all calls of a tenant: they are let go neither with time nor by anybody, until the hold ends.",
                async (session, parsed, cancellation) =>
                {
                    var body = new CallHoldBody(parsed.GetValue(tenant), parsed.GetValue(call), parsed.GetValue(user), parsed.GetValue(why), parsed.GetValue(until));
                    var placed = await session.Client.PostAsync<BodyHold>(ApiPath.Join("calls", "bodies", "holds"), body, cancellation);
                    return session.Write(placed, HoldColumns, [Row(placed)]);
                },
                tenant,
                call,
                user,
                why,
                until),
            AdminSession.Define(
                "held",
                "List the calls whose bodies a hold keeps; nothing of what was said.",
                async (session, parsed, cancellation) =>
                {
                    var held = await session.Client.GetAsync<HeldCalls>(HoldPath(parsed.GetRequiredValue(hold), ("tenant", parsed.GetValue(tenant)), ("after", parsed.GetValue(after))), cancellation);
                    return session.Write(held, ["REQUEST", "USER", "ARRIVED"], held.Calls.Select(one => new[] { one.Request, one.User ?? "", Time(one.Arrived) }));
                },
                hold,
                tenant,
                after),
            AdminSession.Define(
                "export",
                "Write what was said in all calls that a hold keeps, as lines of JSON. Needs a key that may read bodies; it is written down.",
                async (session, parsed, cancellation) => await CallExport.RunAsync(
                    session,
                    ApiPath.Query(ApiPath.Join("calls", "bodies", "holds", parsed.GetRequiredValue(hold), "export"), ("tenant", parsed.GetValue(tenant))),
                    parsed.GetRequiredValue(file),
                    cancellation),
                hold,
                tenant,
                file),
            AdminSession.Define(
                "release",
                "End a hold. Needs a key of role admin.",
                async (session, parsed, cancellation) =>
                {
                    var id = parsed.GetRequiredValue(hold);
                    await session.Client.DeleteAsync(HoldPath(id, ("tenant", parsed.GetValue(tenant)), ("why", parsed.GetValue(why))), cancellation);
                    return session.Tell(new { released = id }, $"{id} is released.");
                },
                hold,
                tenant,
                why),
        };
    }

    private static string HoldPath(string hold, params (string Name, string? Value)[] query) => ApiPath.Query(ApiPath.Join("calls", "bodies", "holds", hold), query);

    private static string[] Row(BodyHold hold) =>
    [
        hold.Id, hold.Request is { } request ? $"call {request}" : hold.User is { } user ? $"user {user}" : "all calls", hold.Until is { } until ? Time(until) : "no end", hold.By.Name, Time(hold.At), hold.Why,
    ];

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static async Task<int> ShowAsync(AdminSession session, string id, string? tenant, CancellationToken cancellation)
    {
        tenant ??= (await session.Client.GetAsync<CallAnswer>(ApiPath.Join("calls", id), cancellation)) is { } known ? known.Call?.Tenant ?? known.Attempts[0].Tenant : null;
        var said = await session.Client.GetAsync<CallBodyAnswer>(ApiPath.Query(ApiPath.Join("calls", id, "bodies"), [("tenant", tenant)]), cancellation);
        return session.Tell(said, [.. Lines("Request", said.RequestHeaders, said.RequestBody), "", .. Lines("Answer", said.AnswerHeaders, said.AnswerBody)]);
    }

    private static IEnumerable<string> Lines(string name, IEnumerable<string> headers, LoggedBody body) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"{name}: {body.Size:N0} bytes {body.Type}{(body.Why is { } why ? $"; {why}" : "")}"), .. headers, body.Text ?? "",
    ];
}
