using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads the <c>cors</c> of a <c>Route</c>.</summary>
internal static class CorsReader
{
    private const int MostOrigins = 64;

    /// <summary>What is declared, or null.</summary>
    /// <param name="fields">Of the route.</param>
    /// <param name="methods">That the route takes; empty: any.</param>
    public static RouteCors? Read(Fields fields, ImmutableArray<string> methods)
    {
        if (fields.Object("cors") is not { } inner)
        {
            return null;
        }

        var origins = inner.Texts("origins", required: true);
        for (var i = 0; i < origins.Length; i++)
        {
            if (!IsOrigin(origins[i]))
            {
                inner.Wrong($"origins[{i}]", $"must be an origin such as https://app.example.com or https://*.example.com, without a path, or '*'; is '{origins[i]}'");
            }
        }

        if (origins.Length > MostOrigins)
        {
            inner.Wrong("origins", $"has more than {MostOrigins} entries");
        }

        CheckAny(inner, "origins", origins);
        var credentials = inner.Flag("credentials") ?? false;
        if (credentials && origins.Contains("*", StringComparer.Ordinal))
        {
            inner.Wrong("credentials", "would let every page on the web act for its visitors; name the origins");
        }

        var allowed = inner.Texts("methods");
        for (var i = 0; i < allowed.Length; i++)
        {
            if (!RouteReader.Methods.Contains(allowed[i], StringComparer.Ordinal) || (!methods.IsEmpty && !methods.Contains(allowed[i], StringComparer.Ordinal)))
            {
                inner.Wrong($"methods[{i}]", methods.IsEmpty || !RouteReader.Methods.Contains(allowed[i], StringComparer.Ordinal)
                    ? $"must be one of {string.Join(", ", RouteReader.Methods)}; is '{allowed[i]}'"
                    : $"'{allowed[i]}' is none of the route's own methods, so that it is never reached");
            }
        }

        var headers = ReadHeaders(inner, "headers");
        CheckAny(inner, "headers", headers);
        var cors = new RouteCors(origins, allowed, headers, ReadHeaders(inner, "expose"), credentials, inner.Time("maxAge", TimeSpan.Zero, TimeSpan.FromDays(1), TimeSpan.FromSeconds(5)));
        inner.Close();
        return cors;
    }

    private static ImmutableArray<string> ReadHeaders(Fields inner, string field)
    {
        var names = inner.Texts(field);
        for (var i = 0; i < names.Length; i++)
        {
            if (!(names[i] is "*" && field is "headers") && !TransformReader.IsToken(names[i]))
            {
                inner.Wrong($"{field}[{i}]", $"'{names[i]}' is not the name of a header");
            }
        }

        return names;
    }

    private static void CheckAny(Fields inner, string field, ImmutableArray<string> names)
    {
        if (names.Length > 1 && names.Contains("*", StringComparer.Ordinal))
        {
            inner.Wrong(field, "has '*' beside others, which have no effect then");
        }
    }

    private static bool IsOrigin(string origin)
    {
        if (origin is "*")
        {
            return true;
        }

        // The wildcard takes the place of one label or more.
        var plain = origin.Replace("://*.", "://any.", StringComparison.Ordinal);
        return Uri.TryCreate(plain, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            && string.Equals(address.GetLeftPart(UriPartial.Authority), plain, StringComparison.Ordinal);
    }
}
