using System.Collections.Immutable;
using System.Globalization;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads whom a <c>Route</c> lets in beyond asking for a key: by scopes, by addresses, by HTTP Basic.</summary>
internal static class RouteAccessReader
{
    public static (ImmutableArray<string> Scopes, RouteClients? Clients, bool TakesBasic) Read(Fields fields, RouteAccess access)
    {
        var scopes = fields.Texts("scopes");
        for (var i = 0; i < scopes.Length; i++)
        {
            if (!Names.IsScope(scopes[i]))
            {
                fields.Wrong(string.Create(CultureInfo.InvariantCulture, $"scopes[{i}]"), $"must be {Names.ScopeRule}; is '{scopes[i]}'");
            }
        }

        var basic = fields.Flag("basic") ?? false;
        if (access is RouteAccess.Public && (scopes.Length > 0 || basic))
        {
            fields.Wrong(basic ? "basic" : "scopes", "has no effect on a public route, whose callers are not known; set access: key");
        }

        return (scopes, ReadClients(fields), basic);
    }

    private static RouteClients? ReadClients(Fields fields)
    {
        if (fields.Object("clients") is not { } inner)
        {
            return null;
        }

        var clients = new RouteClients(ReadRanges(inner, "allow"), ReadRanges(inner, "deny"));
        inner.Close();
        if (clients is { Allow: null, Deny: null })
        {
            fields.Wrong("clients", "has neither allow nor deny; leave it out");
        }

        return clients;
    }

    private static AddressList? ReadRanges(Fields fields, string field)
    {
        var texts = fields.Texts(field);
        for (var i = 0; i < texts.Length; i++)
        {
            if (!AddressList.IsRange(texts[i]))
            {
                fields.Wrong(string.Create(CultureInfo.InvariantCulture, $"{field}[{i}]"), $"must be {AddressList.Rule}; is '{texts[i]}'");
            }
        }

        return fields.Has(field) ? AddressList.Of(texts.Where(AddressList.IsRange)) : null;
    }
}
