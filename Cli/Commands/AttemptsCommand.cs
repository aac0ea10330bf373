using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice attempts</c></summary>
internal static class AttemptsCommand
{
    private const int PageSize = 1_000;
    private const int DefaultLimit = 20;
    private const int MostCalls = 1_000_000;

    public static Command Define()
    {
        var id = new Argument<string?>("id") { Description = "One request, by its sluice-request-id.", Arity = ArgumentArity.ZeroOrOne };
        var tenant = new Option<string?>("--tenant") { Description = "Of one tenant." };
        var key = new Option<string?>("--key") { Description = "Of one key, by its id." };
        var model = new Option<string?>("--model") { Description = "That asked for this model, or for route/ and a route's name." };
        var tag = new Option<string?>("--tag") { Description = "With this tag, name=value." };
        var status = new Option<string?>("--status") { Description = "With this status." };
        var from = new Option<string?>("--from") { Description = "That ended then or later: a day or time (UTC); a day before --to when not given." };
        var to = new Option<string?>("--to") { Description = "That ended then or earlier; now when not given." };
        var limit = new Option<int>("--limit") { Description = "How many at most (20).", DefaultValueFactory = _ => DefaultLimit };
        var csv = new Option<bool>("--csv") { Description = "Print comma-separated values with every column instead of a table." };
        limit.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > MostCalls))
            {
                result.AddError(FormattableString.Invariant($"--limit must be 1 to {MostCalls}, is '{token.Value}'"));
            }
        });
        return AdminSession.Define(
            "attempts",
            "Show records of attempts at models, and at routes that charge a budget.",
            async (session, parsed, cancellation) =>
            {
                var calls = parsed.GetValue(id) is { } one
                    ? new AttemptList((await session.Client.GetAsync<CallAnswer>(ApiPath.Query(ApiPath.Join("calls", one), ("tenant", parsed.GetValue(tenant))), cancellation)).Attempts, null)
                    : await ListAsync(
                        session,
                        parsed.GetValue(limit),
                        [
                            ("tenant", parsed.GetValue(tenant)), ("key", parsed.GetValue(key)), ("model", parsed.GetValue(model)), ("tag", parsed.GetValue(tag)),
                            ("status", parsed.GetValue(status)), ("from", parsed.GetValue(from)), ("to", parsed.GetValue(to)),
                        ],
                        cancellation);
                return parsed.GetValue(csv)
                    ? session.WriteCsv(AttemptView.Columns, calls.Items.Select(call => call.Row()))
                    : session.Write(
                        calls,
                        ["ENDED", "ID", "TENANT", "KEY", "ASKED", "PROVIDER", "STATUS", "INPUT", "OUTPUT", "SOURCE", "COST USD"],
                        calls.Items.Select(Row));
            },
            id,
            tenant,
            key,
            model,
            tag,
            status,
            from,
            to,
            limit,
            csv);
    }

    private static async Task<AttemptList> ListAsync(AdminSession session, int limit, (string Name, string? Value)[] query, CancellationToken cancellation)
    {
        var calls = new List<AttemptView>();
        string? next = null;
        do
        {
            var size = Math.Min(PageSize, limit - calls.Count).ToString(CultureInfo.InvariantCulture);
            var page = await session.Client.GetAsync<AttemptList>(ApiPath.Query("attempts", [.. query, ("limit", size), ("cursor", next)]), cancellation);
            calls.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null && calls.Count < limit);

        return new AttemptList(calls, next);
    }

    private static string[] Row(AttemptView call) =>
    [
        call.Ended.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), call.Id, call.Tenant, call.Key ?? "", call.Asked, call.Provider ?? "",
        call.Status.ToString(CultureInfo.InvariantCulture), call.Tokens.Input.ToString("N0", CultureInfo.InvariantCulture), call.Tokens.Output.ToString("N0", CultureInfo.InvariantCulture),
        call.Source.ToString().ToLowerInvariant(), call.Cost,
    ];
}
