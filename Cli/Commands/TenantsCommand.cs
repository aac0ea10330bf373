using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice tenants</c></summary>
internal static class TenantsCommand
{
    public static Command Define()
    {
        var name = new Argument<string>("tenant") { Description = "The tenant's name." };
        var display = new Option<string?>("--display-name") { Description = "For people." };
        var organisation = new Option<string?>("--organisation") { Description = "To which it belongs, for limits and budgets of organisations." };
        var after = new Option<string?>("--after") { Description = "Only names after this one." };
        return new Command("tenants", "List, make, suspend and resume tenants.")
        {
            AdminSession.Define(
                "list",
                "List tenants by name.",
                async (session, parsed, cancellation) =>
                {
                    var page = await session.Client.GetAsync<TenantList>(ApiPath.Query("tenants", ("after", parsed.GetValue(after))), cancellation);
                    return Write(session, page, page.Items);
                },
                after),
            AdminSession.Define(
                "create",
                "Make a tenant.",
                async (session, parsed, cancellation) => Write(session, await session.Client.PostAsync<Tenant>(
                    "tenants", new TenantBody(parsed.GetValue(name), parsed.GetValue(display), parsed.GetValue(organisation)), cancellation)),
                name,
                display,
                organisation),
            AdminSession.Define(
                "suspend",
                "Refuse every key of a tenant.",
                async (session, parsed, cancellation) => Write(session, await session.Client.PostAsync<Tenant>(
                    ApiPath.Join("tenants", parsed.GetRequiredValue(name), "suspend"), null, cancellation)),
                name),
            AdminSession.Define(
                "resume",
                "Take a tenant's keys again.",
                async (session, parsed, cancellation) => Write(session, await session.Client.PostAsync<Tenant>(
                    ApiPath.Join("tenants", parsed.GetRequiredValue(name), "resume"), null, cancellation)),
                name),
        };
    }

    private static int Write(AdminSession session, Tenant tenant) => Write(session, tenant, [tenant]);

    private static int Write<T>(AdminSession session, T answer, IEnumerable<Tenant> tenants) =>
        session.Write(answer, ["TENANT", "DISPLAY NAME", "CREATED", "STATE"], tenants.Select(t => new[]
        {
            t.Name,
            t.DisplayName ?? "",
            t.CreatedAt.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            t.Suspended ? "suspended" : "active",
        }));
}
