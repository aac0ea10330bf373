using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Portal;

/// <summary>The catalogue as a page that needs nothing but itself: no script, no picture, no address of another.</summary>
internal static class PortalPage
{
    private const string Style = """
        :root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
        body{margin:0 auto;max-width:70rem;padding:1rem}
        table{border-collapse:collapse;width:100%}
        caption,th,td{text-align:left;padding:.3rem .8rem .3rem 0;vertical-align:top}
        tr{border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent)}
        section{overflow-x:auto}
        """;

    /// <summary>What the page may load: its own style, and nothing else.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>The page.</summary>
    public static string Write(Catalog catalog)
    {
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>APIs and models of ").Append(Text(catalog.Tenant))
            .Append("</title><style>").Append(Style).Append("</style></head>\n<body><main><h1>APIs and models</h1>\n<p>What the tenant <strong>").Append(Text(catalog.Tenant))
            .Append("</strong> may call, and what it may ask for. The same as JSON: <a href=\"/v1/catalog\">/v1/catalog</a>.</p>\n");
        Table(html, "models", "Models", ["Model", "Stage", "Until", "Context"], catalog.Models.Select(m => new[]
        {
            m.Name, Stage(m.Stage), Until(m.Deprecation), m.ContextTokens is { } tokens ? string.Create(CultureInfo.InvariantCulture, $"{tokens} tokens") : "",
        }));
        Table(html, "routes", "APIs", ["Path", "Methods", "Hosts", "Key", "Stage", "Until"], catalog.Routes.Select(r => new[]
        {
            r.Path, All(r.Methods), All(r.Hosts), r.Access is RouteAccess.Key ? "needed" : "not needed", Stage(r.Stage), Until(r.Deprecation),
        }));
        Table(html, "prompts", "Prompts", ["Prompt", "Path"], catalog.Prompts.Select(p => new[] { p.Name, $"POST {p.Path}" }));
        Table(html, "products", "Products", ["Product", "Subscription", "Models", "APIs"], catalog.Products.Select(p => new[]
        {
            p.Name,
            p.Access is ProductAccess.Open ? "not needed" : p.Subscription is { } state ? state.ToString().ToLowerInvariant() : p.Approval is ProductApproval.Automatic ? "ask, and have it" : "ask for it",
            string.Join(", ", p.Models),
            string.Join(", ", p.Routes),
        }));
        Table(html, "limits", "Limits and budgets", ["Of", "Counts", "Amount"], catalog.Limits.Concat(catalog.Budgets).Select(l => new[] { l.Subject, l.For ?? "everything", l.Amount }));
        return html.Append("</main></body></html>\n").ToString();
    }

    private static void Table(StringBuilder html, string id, string title, string[] columns, IEnumerable<string[]> rows)
    {
        var all = rows.ToList();
        html.Append(CultureInfo.InvariantCulture, $"<section aria-labelledby=\"{id}\" tabindex=\"0\"><h2 id=\"{id}\">{title}</h2>\n");
        if (all.Count == 0)
        {
            html.Append("<p>None.</p></section>\n");
            return;
        }

        html.Append("<table><thead><tr>").AppendJoin("", columns.Select(c => $"<th scope=\"col\">{c}</th>")).Append("</tr></thead><tbody>\n");
        foreach (var row in all)
        {
            html.Append("<tr><th scope=\"row\">").Append(Text(row[0])).Append("</th>").AppendJoin("", row.Skip(1).Select(cell => $"<td>{Text(cell)}</td>")).Append("</tr>\n");
        }

        html.Append("</tbody></table></section>\n");
    }

    private static string Stage(Stage stage) => stage.ToString().ToLowerInvariant();

    private static string All(IReadOnlyCollection<string> some) => some.Count == 0 ? "all" : string.Join(", ", some);

    private static string Until(CatalogDeprecation? deprecation) => deprecation is null ? "" : string.Join("; ", new[]
    {
        deprecation.Sunset is { } day ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "not known",
        deprecation.Successor is { } next ? $"then {next}" : null,
        deprecation.Link,
    }.OfType<string>());

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
