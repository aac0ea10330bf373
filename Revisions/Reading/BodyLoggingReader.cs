using System.Text.RegularExpressions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads the <c>logBodies</c> of a <c>Model</c> or <c>Route</c>.</summary>
internal static class BodyLoggingReader
{
    private const int MostEntries = 50;
    private const int LongestPattern = 500;
    private const int MostDays = 90;
    private const long MostSize = 1L << 20;
    private const string Field = "logBodies";
    private static readonly string[] Secret = ["authorization", "proxy-authorization", "cookie", "set-cookie", .. HeaderRules.OfKeys];

    /// <summary>What is kept; null: nothing.</summary>
    public static BodyLogging? Read(Fields fields)
    {
        if (fields.Object(Field) is not { } inner)
        {
            return null;
        }

        var redact = inner.Object("redact");
        var logging = new BodyLogging(
            inner.Texts("tenants"),
            Percents.Read(inner, "sample", 1, 100),
            (int)inner.Number("days", 1, MostDays, 7),
            (int)(Sizes.Read(inner, "maxSize", MostSize) ?? BodyLogging.UsualSize),
            inner.Texts("headers"),
            redact?.Texts("fields") ?? [],
            redact?.Texts("patterns") ?? []);
        for (var i = 0; i < logging.Headers.Length; i++)
        {
            if (!TransformReader.IsToken(logging.Headers[i]))
            {
                inner.Wrong($"headers[{i}]", $"must be the name of a header; is '{logging.Headers[i]}'");
            }
            else if (Secret.Contains(logging.Headers[i], StringComparer.OrdinalIgnoreCase))
            {
                inner.Wrong($"headers[{i}]", $"'{logging.Headers[i]}' carries credentials, which are never logged; leave it out");
            }
        }

        Bound(inner, "tenants", logging.Tenants.Length);
        Bound(inner, "headers", logging.Headers.Length);
        if (redact is not null)
        {
            Bound(redact, "fields", logging.Fields.Length);
            Bound(redact, "patterns", logging.Patterns.Length);
            for (var i = 0; i < logging.Patterns.Length; i++)
            {
                if (FaultOf(logging.Patterns[i]) is { } fault)
                {
                    redact.Wrong($"patterns[{i}]", fault);
                }
            }

            redact.Close();
        }

        inner.Close();
        return logging;
    }

    private static void Bound(Fields fields, string field, int count)
    {
        if (count > MostEntries)
        {
            fields.Wrong(field, FormattableString.Invariant($"has {count} entries; at most {MostEntries} are taken"));
        }
    }

    private static string? FaultOf(string pattern)
    {
        if (pattern.Length > LongestPattern)
        {
            return FormattableString.Invariant($"has {pattern.Length} characters; at most {LongestPattern} are taken");
        }

        try
        {
            return CompiledBodyLogging.Compile(pattern).IsMatch("") ? "matches a text of no characters, and so everything; ask for at least one character" : null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return $"is no regular expression that runs in linear time (.NET's syntax without lookarounds and back references): {e.Message}";
        }
    }
}
