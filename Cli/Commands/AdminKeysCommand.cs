using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice admin-keys</c></summary>
internal static class AdminKeysCommand
{
    public static Command Define()
    {
        var name = new Argument<string>("name") { Description = "Stands in the history beside what its holder changes." };
        var role = new Option<AdminRole>("--role")
        {
            Description = "viewer, operator or admin; of one tenant tenant-viewer or tenant-admin.",
            Required = true,
            CustomParser = result =>
            {
                var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                var known = Enum.GetValues<AdminRole>().ToDictionary(NameOf, StringComparer.Ordinal);
                if (!known.TryGetValue(text, out var found))
                {
                    result.AddError($"--role must be one of {string.Join(", ", known.Keys)}; is '{text}'");
                }

                return found;
            },
        };
        var tenant = new Option<string?>("--tenant") { Description = "The only tenant that it is for, with the roles tenant-viewer and tenant-admin." };
        var reads = new Option<bool>("--reads-bodies") { Description = "It may read bodies of calls, which no role includes." };
        var id = new Argument<string>("id") { Description = "The key's id, as 'admin-keys list' shows it." };
        return new Command("admin-keys", "List, make and revoke keys of operators.")
        {
            AdminSession.Define(
                "list",
                "List operators' keys.",
                async (session, _, cancellation) =>
                {
                    var keys = await session.Client.GetAsync<AdminKeyList>("admin-keys", cancellation);
                    return session.Write(keys, ["KEY", "NAME", "ROLE", "TENANT", "READS BODIES", "CREATED"], keys.Items.Select(k => new[]
                    {
                        k.Id,
                        k.Name,
                        NameOf(k.Role),
                        k.Tenant ?? "",
                        k.ReadsBodies ? "yes" : "",
                        k.CreatedAt.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                    }));
                }),
            AdminSession.Define(
                "create",
                "Make an operator's key. It is shown once.",
                async (session, parsed, cancellation) =>
                {
                    var made = await session.Client.PostAsync<NewAdminKey>("admin-keys", new AdminKeyBody(parsed.GetValue(name), parsed.GetValue(role), parsed.GetValue(tenant), parsed.GetValue(reads) ? true : null), cancellation);
                    return session.Tell(made, $"Admin key {made.Id} of role {NameOf(made.Record.Role)}{(made.Record.Tenant is { } bound ? $" of tenant {bound}" : "")}, shown only this once:", made.Key);
                },
                name,
                role,
                tenant,
                reads),
            AdminSession.Define(
                "revoke",
                "Revoke an operator's key; the last one of role admin stays.",
                async (session, parsed, cancellation) =>
                {
                    var key = parsed.GetRequiredValue(id);
                    await session.Client.DeleteAsync(ApiPath.Join("admin-keys", key), cancellation);
                    return session.Tell(new { id = key, revoked = true }, $"Admin key {key} is revoked.");
                },
                id),
        };
    }

    private static string NameOf(AdminRole role) => JsonNamingPolicy.KebabCaseLower.ConvertName(role.ToString());
}
