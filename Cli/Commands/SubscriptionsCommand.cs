using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice subscriptions</c></summary>
internal static class SubscriptionsCommand
{
    public static Command Define()
    {
        var tenant = new Argument<string>("tenant") { Description = "The tenant's name." };
        var product = new Argument<string>("product") { Description = "The product's name." };
        var note = new Option<string?>("--note") { Description = "Why, for those who decide." };
        var ofTenant = new Option<string?>("--tenant") { Description = "Only of this tenant." };
        var ofProduct = new Option<string?>("--product") { Description = "Only to this product." };
        var state = new Option<string?>("--state") { Description = "Only those that are requested, approved, rejected or withdrawn." };
        var after = new Option<string?>("--after") { Description = "Only ids after this one." };
        return new Command("subscriptions", "List, request, approve, reject and withdraw subscriptions of tenants to products.")
        {
            AdminSession.Define(
                "list",
                "List subscriptions by tenant and product.",
                async (session, parsed, cancellation) =>
                {
                    var page = await session.Client.GetAsync<SubscriptionList>(Path(parsed), cancellation);
                    page = page with { Items = [.. page.Items.Where(s => IsAsked(parsed, s))] };
                    return Write(session, page, page.Items);
                },
                ofTenant,
                ofProduct,
                state,
                after),
            AdminSession.Define(
                "request",
                "Ask for a product in a tenant's name.",
                async (session, parsed, cancellation) => Write(session, await session.Client.PostAsync<SubscriptionItem>(
                    ApiPath.Join("tenants", parsed.GetRequiredValue(tenant), "subscriptions"),
                    new SubscriptionBody(parsed.GetRequiredValue(product), parsed.GetValue(note)),
                    cancellation)),
                tenant,
                product,
                note),
            Decide("approve", "Approve what was asked for; every edge knows when this returns."),
            Decide("reject", "Reject what was asked for."),
            Decide("withdraw", "Take away what was approved; every edge refuses when this returns."),
        };

        string Path(ParseResult parsed) => parsed.GetValue(ofTenant) is { } of
            ? ApiPath.Join("tenants", of, "subscriptions")
            : ApiPath.Query("subscriptions", ("state", parsed.GetValue(state)), ("product", parsed.GetValue(ofProduct)), ("after", parsed.GetValue(after)));

        // The API has no such filters of one tenant's, which are few.
        bool IsAsked(ParseResult parsed, SubscriptionItem item) =>
            (parsed.GetValue(state) is not { } wanted || string.Equals(Lower(item.State), wanted, StringComparison.Ordinal))
            && (parsed.GetValue(ofProduct) is not { } named || string.Equals(item.Product, named, StringComparison.Ordinal));
    }

    private static Command Decide(string verb, string description)
    {
        var id = new Argument<string>("id") { Description = "The subscription's id, as 'subscriptions list' shows it: tenant~product." };
        var reason = new Option<string?>("--reason") { Description = "Why." };
        return AdminSession.Define(
            verb,
            description,
            async (session, parsed, cancellation) => Write(session, await session.Client.PostAsync<SubscriptionItem>(
                ApiPath.Join("subscriptions", parsed.GetRequiredValue(id), verb), new DecisionBody(parsed.GetValue(reason)), cancellation)),
            id,
            reason);
    }

    private static int Write(AdminSession session, SubscriptionItem item) => Write(session, item, [item]);

    private static int Write<T>(AdminSession session, T answer, IEnumerable<SubscriptionItem> items) =>
        session.Write(answer, ["SUBSCRIPTION", "STATE", "SINCE", "BY", "NOTE"], items.Select(s => new[]
        {
            s.Id,
            Lower(s.State),
            s.Since.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            s.History[^1].By.Name,
            s.History[^1].Note ?? "",
        }));

    private static string Lower(SubscriptionState state) => state.ToString().ToLowerInvariant();
}
