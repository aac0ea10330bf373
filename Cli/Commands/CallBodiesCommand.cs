using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice call-bodies</c></summary>
internal static class CallBodiesCommand
{
    public static Command Define()
    {
        var tenant = new Option<string>("--tenant") { Description = "Whose calls.", Required = true };
        var of = new Option<string?>("--tenant") { Description = "Whose call; asked of the call log when not given." };
        var id = new Argument<string>("id") { Description = "A request, by its sluice-request-id." };
        var call = new Option<string?>("--call") { Description = "Of one request alone, by its id." };
        var user = new Option<string?>("--user") { Description = "Of one user alone." };
        var from = new Option<string?>("--from") { Description = "Of calls that came then or later: a day or time (UTC)." };
        var to = new Option<string?>("--to") { Description = "Of calls that came then or earlier." };
        return new Command("call-bodies", "Read and erase what was said in calls, where a model or route has it kept.")
        {
            AdminSession.Define(
                "show",
                "Show what was said in a call. Needs a key that may read bodies; that it was read is written down.",
                async (session, parsed, cancellation) => await ShowAsync(session, parsed.GetRequiredValue(id), parsed.GetValue(of), cancellation),
                id,
                of),
            AdminSession.Define(
                "status",
                "Show how many bodies are kept of a tenant, and who read or erased some.",
                async (session, parsed, cancellation) =>
                {
                    var summary = await session.Client.GetAsync<BodiesSummary>(ApiPath.Query(ApiPath.Join("calls", "bodies"), [("tenant", parsed.GetValue(tenant))]), cancellation);
                    if (!session.Json)
                    {
                        session.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{summary.Calls:N0} calls in {summary.Bytes:N0} bytes{(summary.Oldest is { } oldest ? $", the oldest of {oldest.UtcDateTime:yyyy-MM-dd HH:mm:ss'Z'}" : "")}"));
                    }

                    return session.Write(summary, ["WHEN", "WHO", "VIA", "DID", "WHAT"], summary.Accesses.Select(one => new[]
                    {
                        one.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture), one.By.Name, one.By.Via, one.Act.ToString().ToLowerInvariant(), one.What,
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
                    var erased = await session.Client.SendAsync<ErasedBodies>(HttpMethod.Delete, path, null, null, cancellation);
                    return session.Tell(erased, string.Create(CultureInfo.InvariantCulture, $"Bodies of {erased.Calls:N0} calls are erased."));
                },
                tenant,
                call,
                user,
                from,
                to),
        };
    }

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
