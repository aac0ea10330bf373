using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>Something to be added to a budget's current window.</summary>
/// <param name="Amount">In the budget's unit: <c>{ "tokens": 1000 }</c>, <c>{ "money": "5 USD" }</c> or <c>{ "requests": 10 }</c>.</param>
/// <param name="Subject">Whose; may be left out where the declaration names one subject.</param>
/// <param name="Id">A repeated one changes nothing; left out: each call adds.</param>
/// <param name="Note">Why, for people; at most 500 characters.</param>
public sealed record TopUpBody(TopUpAmount? Amount, string? Subject = null, string? Id = null, string? Note = null);

/// <summary>An amount: exactly one of the three.</summary>
public sealed record TopUpAmount(long? Tokens = null, string? Money = null, long? Requests = null);

/// <summary>What a lost edge's lease came to.</summary>
/// <param name="Lease">The holder's name, as the status lists it.</param>
/// <param name="Window">The window, as the status lists it.</param>
/// <param name="Subject">Whose; may be left out where the declaration names one subject.</param>
/// <param name="Spent">In the budget's unit, as the provider tells it; left out: all that the lease had, which is the most that it can be.</param>
public sealed record ResolveBody(string? Lease, long? Window, string? Subject = null, long? Spent = null);

/// <summary>What budgets stand at, subject by subject, what is added to them, and what becomes of the leases of lost edges.</summary>
internal static class BudgetEndpoints
{
    private const int LongestNote = 500;
    private const int LongestId = 128;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/budgets/{name}/status", (HttpContext http, IGrainFactory grains, string name) => StatusAsync(http, grains, name))
            .Declare(AdminRole.Viewer, "get-budget-status", "What is posted, lent and left of a budget, and what is in doubt because its edge is lost.", PolicyStatusEndpoints.SubjectParameter)
            .ForTenants(AdminRole.TenantViewer, TenantPlace.Caller).WithTags(BudgetResource.KindName).Produces<BudgetStatus>().Refuses(400, 404);
        api.MapPost("/budgets/{name}/top-ups", TopUpAsync)
            .Declare(AdminRole.Operator, "top-up-budget", "Adds to the amount of a budget's current window, once for each id.")
            .WithTags(BudgetResource.KindName).Accepts<TopUpBody>("application/json").Produces<BudgetStatus>(201).Refuses(400, 404, 413, 415);
        api.MapPost("/budgets/{name}/resolve", ResolveAsync)
            .Declare(AdminRole.Operator, "resolve-lease", "Closes the lease of an edge that is lost, and posts what it spent. What its owner tells later replaces the figure.")
            .WithTags(BudgetResource.KindName).Accepts<ResolveBody>("application/json").Produces<LeaseResolution>().Refuses(400, 404, 409, 413, 415);
    }

    /// <summary>What a budget's grain says, with what is in doubt; null: it says nothing.</summary>
    internal static async Task<BudgetStatus?> StatusAsync(IGrainFactory grains, string key)
    {
        if (await grains.GetGrain<IBudgetGrain>(key).GetStatusAsync() is not { } status)
        {
            return null;
        }

        var live = await LiveAsync(grains);
        return status with { Leases = [.. status.Leases.Select(l => l with { InDoubt = !live.Contains(EdgeOf(l.Edge)) && !l.Edge.StartsWith(IDeferredGrain.HolderBeginning, StringComparison.Ordinal) })] };
    }

    private static Task<IResult> StatusAsync(HttpContext http, IGrainFactory grains, string name) =>
        PolicyStatusEndpoints.AnswerAsync(http, grains, BudgetResource.KindName, name, async key => await StatusAsync(grains, key));

    private static async Task<IResult> TopUpAsync(HttpContext http, IGrainFactory grains, string name)
    {
        var (document, refusal) = await RequestBody.ReadDocumentAsync(http);
        if (refusal is not null)
        {
            return refusal;
        }

        using var read = document!;
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        if (read.RootElement.ValueKind is not System.Text.Json.JsonValueKind.Object)
        {
            return Problem.InvalidRequest("body", "must be a JSON object");
        }

        var fields = new Fields(read.RootElement, "", errors);
        var amount = BudgetAmount.Read(fields);
        var (subject, id, note) = (fields.TextOrNull("subject"), fields.TextOrNull("id"), fields.TextOrNull("note") ?? "");
        fields.Close();
        Longest("id", id, LongestId);
        Longest("note", note, LongestNote);
        var found = await PolicySubject.FindAsync(grains, BudgetResource.KindName, name, subject, fields.Wrong);
        if (found.Problem is { } missing)
        {
            return missing;
        }

        if (amount is { } given && found.Declared is BudgetResource budget && given.Unit != budget.Unit)
        {
            fields.Wrong("amount", $"must be in {budget.Unit.ToString().ToLowerInvariant()}, as budget '{name}' is");
        }

        if (errors.Count > 0)
        {
            return Problem.InvalidRequest(errors);
        }

        return await grains.GetGrain<IBudgetGrain>(found.Key!).AddAsync(id ?? Guid.CreateVersion7().ToString("N"), amount!.Value.Amount, note, http.Author()) is { } status
            ? Results.Json(status, AdminJson.Options, statusCode: StatusCodes.Status201Created)
            : Problem.NotFound($"Budget '{name}' is not known for {found.Subject}.");

        void Longest(string field, string? text, int most)
        {
            if (text?.Length > most)
            {
                fields.Wrong(field, $"is longer than {most} characters");
            }
        }
    }

    private static async Task<IResult> ResolveAsync(HttpContext http, IGrainFactory grains, string name)
    {
        var (body, refusal) = await RequestBody.ReadJsonAsync<ResolveBody>(http);
        if (refusal is not null)
        {
            return refusal;
        }

        var errors = new List<FieldError>();
        var found = await PolicySubject.FindAsync(grains, BudgetResource.KindName, name, body!.Subject, Wrong);
        if (found.Problem is { } missing)
        {
            return missing;
        }

        if (body.Lease is not { Length: > 0 })
        {
            Wrong("lease", "must be there: a lease's name as the status lists it");
        }

        if (body.Window is null)
        {
            Wrong("window", "must be there: the lease's window as the status lists it");
        }

        if (body.Spent < 0)
        {
            Wrong("spent", "must be 0 or more, in the budget's unit");
        }

        if (errors.Count > 0)
        {
            return Problem.InvalidRequest(errors);
        }

        if ((await LiveAsync(grains)).Contains(EdgeOf(body.Lease!)))
        {
            return Problem.LeaseHeld($"Edge '{EdgeOf(body.Lease!)}' is alive, and closes its lease itself.");
        }

        return await grains.GetGrain<IBudgetGrain>(found.Key!).ResolveAsync(body.Lease!, body.Window!.Value, body.Spent, http.Author()) is { } resolved
            ? Results.Json(resolved, AdminJson.Options)
            : Problem.NotFound($"Budget '{name}' of {found.Subject} has no open lease '{body.Lease}' in that window.");

        void Wrong(string field, string message) => errors.Add(new FieldError(field, message));
    }

    private static async Task<HashSet<string>> LiveAsync(IGrainFactory grains) =>
        (await grains.GetGrain<IFleetGrain>(AdminApi.Workspace).GetEdgesAsync()).Select(e => e.Report.Hello.Edge).ToHashSet(StringComparer.Ordinal);

    // A holder is named after its edge, with a number behind a dot where it is not its first lease.
    private static string EdgeOf(string lease) => lease.Split('.')[0];
}
