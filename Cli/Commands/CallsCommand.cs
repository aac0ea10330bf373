using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sluice.Cli.Admin;
using Sluice.Cli.Otlp;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice calls</c></summary>
internal static class CallsCommand
{
    private const int PageSize = 1_000;
    private const int DefaultLimit = 20;
    private const int MostCalls = 1_000_000;
    private static readonly string[] Columns = ["ENDED", "REQUEST", "TENANT", "ASKED", "ANSWERED BY", "STATUS", "MS", "FIRST MS", "TOKENS", "ATTEMPTS", "COST USD"];

    public static Command Define()
    {
        var id = new Argument<string?>("id") { Description = "One request, by its sluice-request-id: its timeline.", Arity = ArgumentArity.ZeroOrOne };
        var limit = new Option<int>("--limit") { Description = "How many at most (20; of an export all).", DefaultValueFactory = _ => DefaultLimit };
        var csv = new Option<bool>("--csv") { Description = "Print comma-separated values with every column instead of a table." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Show calls as they come, until interrupted." };
        var export = new Option<string?>("--export") { Description = "Write lines of JSON (NDJSON) into this file; - prints them.", HelpName = "FILE" };
        var bodies = new Option<bool>("--bodies") { Description = "With what was said, as far as it is kept: of --export and --otlp, for one --tenant. Needs a key that may read bodies; it is written down." };
        var otlp = new Option<string?>("--otlp") { Description = "Send them as log records to this collector, by OTLP over HTTP in JSON; OTEL_EXPORTER_OTLP_HEADERS has headers for it.", HelpName = "URL" };
        limit.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > MostCalls))
            {
                result.AddError(FormattableString.Invariant($"--limit must be 1 to {MostCalls}, is '{token.Value}'"));
            }
        });
        return AdminSession.Define(
            "calls",
            "Search the call log, open one call, follow it, export it.",
            async (session, parsed, cancellation) =>
            {
                if (parsed.GetValue(id) is { } one)
                {
                    return await ShowAsync(session, one, cancellation);
                }

                if (parsed.GetValue(follow))
                {
                    return CallFilterOptions.HasTime(parsed) || parsed.GetValue(export) is not null || parsed.GetValue(otlp) is not null
                        ? throw new UsageException("--follow shows what comes from now on: leave out --from, --to, --export and --otlp")
                        : await new CallFollower(session, [.. CallFilterOptions.Choice(parsed)]).RunAsync(Print, cancellation);
                }

                var most = parsed.GetResult(limit) is { Implicit: false } ? parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture) : null;
                var whole = ApiPath.Query(ApiPath.Join("calls", "export"), [.. CallFilterOptions.Query(parsed), ("limit", most), ("bodies", parsed.GetValue(bodies) ? "true" : null)]);
                if (parsed.GetValue(bodies) && (parsed.GetValue(export) ?? parsed.GetValue(otlp)) is null)
                {
                    throw new UsageException("--bodies is of an export: name --export or --otlp; 'sluice call-bodies show' shows those of one call");
                }

                switch (parsed.GetValue(export), parsed.GetValue(otlp))
                {
                    case ({ }, { }):
                        throw new UsageException("--export and --otlp are two ways: name one");
                    case ({ } file, null):
                        return await CallExport.RunAsync(session, whole, file, cancellation);
                    case (null, { } address):
                        using (var collector = new OtlpCollector(address, Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_HEADERS")))
                        {
                            return await CallOtlpExport.RunAsync(session, whole, collector, cancellation);
                        }
                }

                var calls = await ListAsync(session, parsed.GetValue(limit), CallFilterOptions.Query(parsed), cancellation);
                return parsed.GetValue(csv) ? session.WriteCsv(CallView.Columns, calls.Items.Select(call => call.Row())) : session.Write(calls, Columns, calls.Items.Select(Row));
            },
            [id, .. CallFilterOptions.Symbols, limit, follow, export, otlp, bodies, csv]);
    }

    private static async Task<int> ShowAsync(AdminSession session, string id, CancellationToken cancellation)
    {
        var answer = await session.Client.GetAsync<CallAnswer>(ApiPath.Join("calls", id), cancellation);
        if (session.Json || answer.Call is not { } call)
        {
            return session.Tell(
                answer, [$"{answer.Request} is not in the call log; the ledger has {answer.Attempts.Count.ToString(CultureInfo.InvariantCulture)} attempts of it: see 'sluice attempts {answer.Request}'", .. Scores(answer)]);
        }

        session.Output.WriteLine($"{call.Method} {call.Host}{call.Path}  {call.Status}  {call.Asked}");
        session.Output.WriteLine($"tenant {call.Tenant}, key {call.Key ?? "-"}, revision {call.Revision}, edge {call.Edge}, cost {call.Cost} USD, tokens {call.Tokens?.Input ?? 0} in, {call.Tokens?.Output ?? 0} out{(call.IsCached ? $"; a kept answer was given, which saved {call.SavedTokens} tokens and {call.Saved} USD" : "")}");
        foreach (var line in Scores(answer))
        {
            session.Output.WriteLine(line);
        }

        return session.Write(
            answer,
            ["AT MS", "STEP", "ATTEMPT", "TARGET", "STATUS", "ERROR", "REFUSED BY"],
            answer.Timeline!.Select(step => new[]
            {
                step.AtMs.ToString("N3", CultureInfo.InvariantCulture), JsonNamingPolicy.KebabCaseLower.ConvertName(step.Step.ToString()), step.Attempt?.ToString(CultureInfo.InvariantCulture) ?? "", step.Target ?? "",
                step.Status?.ToString(CultureInfo.InvariantCulture) ?? "", step.Error ?? "", step.By ?? "",
            }));
    }

    // A comment is the client's own: nothing in it may steer a terminal.
    private static IEnumerable<string> Scores(CallAnswer answer) => (answer.Scores ?? []).Select(score => string.Create(
        CultureInfo.InvariantCulture,
        $"score {score.Name} {score.Score:0.###}, by key {score.Key} at {score.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}{(score.Comment is { } comment ? $": {string.Concat(comment.Select(c => char.IsControl(c) ? ' ' : c))}" : "")}"));

    private static async Task<CallList> ListAsync(AdminSession session, int limit, (string Name, string? Value)[] query, CancellationToken cancellation)
    {
        var calls = new List<CallView>();
        string? next = null;
        do
        {
            var size = Math.Min(PageSize, limit - calls.Count).ToString(CultureInfo.InvariantCulture);
            var page = await session.Client.GetAsync<CallList>(ApiPath.Query("calls", [.. query, ("limit", size), ("cursor", next)]), cancellation);
            calls.AddRange(page.Items);
            next = page.Next;
        }
        while (next is not null && calls.Count < limit);

        return new CallList(calls, next);
    }

    private static void Print(AdminSession session, CallView call)
    {
        if (session.Json)
        {
            session.WriteJson(call);
        }
        else
        {
            session.Output.WriteLine(string.Join("  ", Row(call).Where(cell => cell.Length > 0)));
        }
    }

    private static string[] Row(CallView call) =>
    [
        call.Ended.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), call.Request, call.Tenant, call.Asked ?? $"{call.Method} {call.Path}",
        call.Provider is null ? call.Part ?? "" : $"{call.Provider}/{call.Model}{(call.IsCached ? " (kept)" : "")}", call.Status.ToString(CultureInfo.InvariantCulture), call.LatencyMs.ToString("0.0", CultureInfo.InvariantCulture),
        call.FirstMs?.ToString("0.0", CultureInfo.InvariantCulture) ?? "", call.Tokens is { } tokens ? (tokens.Input + tokens.Output).ToString("N0", CultureInfo.InvariantCulture) : "",
        call.Attempts.ToString(CultureInfo.InvariantCulture), call.Cost,
    ];
}
