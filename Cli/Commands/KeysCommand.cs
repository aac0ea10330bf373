using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;
using Sluice.Silo.FirstStart;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice keys</c></summary>
internal static class KeysCommand
{
    public static Command Define()
    {
        var tenant = new Option<string>("--tenant") { Description = "Whose keys.", DefaultValueFactory = _ => NewCluster.FirstTenant };
        var id = new Argument<string>("id") { Description = "The key's id, as 'keys list' shows it." };
        var name = new Option<string?>("--name") { Description = "For people." };
        var team = new Option<string?>("--team") { Description = "The team it belongs to, for limits and budgets of teams." };
        var user = new Option<string?>("--user") { Description = "The user it belongs to, for limits by user: such as ada@example.org." };
        var expires = new Option<DateTimeOffset?>("--expires") { Description = "When it ends, such as 2027-01-31T00:00:00Z; never when not given." };
        var models = new Option<string[]>("--model") { Description = "A model it may use, or a prefix ending in *; may be given more than once. All when not given." };
        var scopes = new Option<string[]>("--scope") { Description = "What it may do on routes that ask for scopes, such as orders.read; may be given more than once." };
        var addresses = new Option<string[]>("--address") { Description = "From where it may be used: an IP address or a range such as 10.0.0.0/8; may be given more than once. From anywhere when not given." };
        var overlap = new Option<string?>("--overlap") { Description = "How long the old key still works, such as 24h (the default) or 0s." };
        return new Command("keys", "List, make, rotate and revoke keys of clients.")
        {
            AdminSession.Define(
                "list",
                "List a tenant's keys.",
                async (session, parsed, cancellation) =>
                {
                    var keys = await session.Client.GetAsync<KeyList>(ApiPath.Join("tenants", parsed.GetValue(tenant)!, "keys"), cancellation);
                    return session.Write(keys, ["KEY", "NAME", "USER", "ENDS IN", "CREATED", "STATE", "MODELS"], keys.Items.Select(Row));
                },
                tenant),
            AdminSession.Define(
                "create",
                "Make a key. It is shown once.",
                async (session, parsed, cancellation) => Show(session, await session.Client.PostAsync<NewKey>(
                    ApiPath.Join("tenants", parsed.GetValue(tenant)!, "keys"),
                    new KeyBody(parsed.GetValue(name), parsed.GetValue(user), parsed.GetValue(expires), parsed.GetValue(models), parsed.GetValue(team), parsed.GetValue(scopes), parsed.GetValue(addresses)),
                    cancellation)),
                tenant,
                name,
                user,
                expires,
                models,
                team,
                scopes,
                addresses),
            AdminSession.Define(
                "rotate",
                "Make a successor of a key. It is shown once.",
                async (session, parsed, cancellation) => Show(session, await session.Client.PostAsync<NewKey>(
                    ApiPath.Join("tenants", parsed.GetValue(tenant)!, "keys", parsed.GetRequiredValue(id), "rotate"),
                    new RotateBody(parsed.GetValue(overlap)),
                    cancellation)),
                id,
                tenant,
                overlap),
            AdminSession.Define(
                "revoke",
                "Revoke a key at once and for ever.",
                async (session, parsed, cancellation) =>
                {
                    var key = parsed.GetRequiredValue(id);
                    await session.Client.DeleteAsync(ApiPath.Join("tenants", parsed.GetValue(tenant)!, "keys", key), cancellation);
                    return session.Tell(new { id = key, revoked = true }, $"Key {key} is revoked.");
                },
                id,
                tenant),
        };
    }

    private static int Show(AdminSession session, NewKey key) =>
        session.Tell(key, $"Key {key.Id} of tenant {key.Record.Tenant}, shown only this once:", key.Key);

    private static string[] Row(KeyItem key) =>
    [
        key.Id,
        key.Name ?? "",
        key.User ?? "",
        $"…{key.Last4}",
        key.CreatedAt.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        key switch
        {
            { RevokedAt: not null } => "revoked",
            { ReplacedBy: { } successor } => $"replaced by {successor}",
            { ExpiresAt: { } end } => string.Create(CultureInfo.InvariantCulture, $"until {end:yyyy-MM-dd HH:mm:ss'Z'}"),
            _ => "active",
        },
        key.Models.Count > 0 ? string.Join(", ", key.Models) : "all",
    ];
}
