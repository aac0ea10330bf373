using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Resources;
using Sluice.Silo.CallLog;

namespace Sluice.Silo.Admin;

/// <summary>When a budget ends, by what was spent before.</summary>
/// <param name="Unit">Of the amounts: <c>tokens</c>, <c>requests</c>, or <c>money</c> in 10⁻⁹ of the currency.</param>
/// <param name="Limit">As declared, with what was added.</param>
/// <param name="Spent">Posted, and told by edges.</param>
/// <param name="Left">Of the limit.</param>
/// <param name="WindowEnd">When it begins anew; null: never, or it rolls.</param>
/// <param name="Basis">What the forecast rests on.</param>
/// <param name="PerDay">What is spent in a day, in its mean.</param>
/// <param name="Ends">When nothing will be left; null: not before the window's end, or within a year.</param>
/// <param name="SpentAtWindowEnd">What will be spent when the window ends, the limit at most.</param>
public sealed record ForecastAnswer(
    string Budget, string Subject, string Unit, long Limit, long Spent, long Left, DateTimeOffset? WindowEnd, ForecastBasis Basis, long PerDay, DateTimeOffset? Ends, long SpentAtWindowEnd);

/// <summary>Forecasts of budgets.</summary>
internal static class ForecastEndpoints
{
    private const int LearnDays = 28;
    private const int HoursPerDay = 24;

    public static void Map(RouteGroupBuilder api) => api.MapGet("/budgets/{name}/forecast", GetAsync)
        .Declare(AdminRole.Viewer, "forecast-budget", "When a budget ends, by what the hours of the weeks before spent.", PolicyStatusEndpoints.SubjectParameter)
        .ForTenants(AdminRole.TenantViewer, TenantPlace.Caller).WithTags("Analysis").Produces<ForecastAnswer>().Refuses(400, 404, 503);

    private static async Task<IResult> GetAsync(HttpContext http, IGrainFactory grains, CallAnalysis analysis, TimeProvider time, string name)
    {
        var query = new QueryReader(http.Request);
        var found = await PolicySubject.FindAsync(grains, BudgetResource.KindName, name, query.Text(PolicyStatusEndpoints.SubjectParameter.Name), query.Wrong);
        if ((found.HiddenFrom(http, BudgetResource.KindName, name) ?? found.Problem ?? query.Problem) is { } wrong)
        {
            return wrong;
        }

        if (await grains.GetGrain<IBudgetGrain>(found.Key!).GetStatusAsync() is not { } status)
        {
            return Problem.NotFound($"Budget '{name}' is not known for {found.Subject}.");
        }

        var now = time.GetUtcNow();
        return await AnalysisEndpoints.GuardAsync(async () =>
        {
            var budget = (BudgetResource)found.Declared!;
            var spent = status.Posted + status.Leases.Where(lease => lease.Window == status.WindowStart.UtcTicks).Sum(lease => lease.Spent);
            var (basis, rates) = FilterOf(budget, found.Subject, now) is { } filter
                ? Learn(await analysis.HoursAsync(AdminApi.Workspace, filter, MeasureOf(budget.Unit), http.RequestAborted), now)
                : (ForecastBasis.Window, OfWindow(spent, status.WindowStart, now));
            var left = Math.Max(0, status.Limit - spent);
            var until = budget.Window.Every is WindowLength.Rolling ? null : status.WindowEnd;
            var (ends, more) = SpendForecast.Run(rates, left, now, until);
            return Results.Json(
                new ForecastAnswer(
                    name, found.Subject, status.Unit, status.Limit, spent, left, until, basis, (long)(rates.Average() * HoursPerDay), left == 0 ? now : ends, spent + (long)more),
                AdminJson.Options);
        });
    }

    private static (ForecastBasis Basis, double[] Rates) Learn(IReadOnlyDictionary<long, double> hours, DateTimeOffset now)
    {
        var hour = now.ToUnixTimeSeconds() / 3600;
        return SpendForecast.Rates(hours, hours.Count == 0 ? hour : hours.Keys.Min(), hour);
    }

    private static double[] OfWindow(long spent, DateTimeOffset begun, DateTimeOffset now) =>
        [.. Enumerable.Repeat(spent / Math.Max(1, (now - begun).TotalHours), SeasonalBaseline.Week)];

    private static CallMeasure MeasureOf(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Money => CallMeasure.Cost,
        BudgetUnit.Tokens => CallMeasure.Tokens,
        _ => CallMeasure.Calls,
    };

    // The log does not know organisations, teams and products.
    private static CallFilter? FilterOf(BudgetResource budget, string subject, DateTimeOffset now)
    {
        if (budget.For.Product is not null)
        {
            return null;
        }

        var all = new CallFilter(now.AddDays(-LearnDays), now) { Asked = budget.For.Name };
        return subject.Split('/') switch
        {
            ["workspace"] => all,
            ["tenant", var tenant] => all with { Tenant = tenant },
            ["key", var key] => all with { Key = key },
            ["user", var tenant, var user] => all with { Tenant = tenant, User = user },
            _ => null,
        };
    }
}
