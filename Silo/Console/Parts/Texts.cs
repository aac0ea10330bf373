using System.Globalization;
using System.Text.Json;
using Sluice.Revisions;
using Sluice.Silo.Admin;

namespace Sluice.Silo.Console.Parts;

/// <summary>Values as people read them.</summary>
internal static class Texts
{
    /// <summary>A value of an enumeration in words: <c>rolled back</c>.</summary>
    public static string Of(Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()).Replace('-', ' ');

    /// <summary>A number with its thousands apart.</summary>
    public static string Of(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A rate with one digit.</summary>
    public static string Of(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>A share, 0 to 1, in percent.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.##} %");

    /// <summary>A length of time.</summary>
    public static string Of(TimeSpan time) => time.TotalMilliseconds < 10
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.##} ms")
        : time.TotalMilliseconds < 1000
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");

    /// <summary>A moment, UTC.</summary>
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>An amount of a budget in its unit.</summary>
    public static string Amount(long amount, string unit) => string.Equals(unit, "money", StringComparison.OrdinalIgnoreCase)
        ? string.Create(CultureInfo.InvariantCulture, $"${amount / 1_000_000_000m:0.00####}")
        : Of(amount);

    /// <summary>US dollars, as the API writes them, for a glance.</summary>
    public static string Money(string dollars) =>
        decimal.TryParse(dollars, NumberStyles.Number, CultureInfo.InvariantCulture, out var amount) ? Money(amount) : dollars;

    /// <summary>US dollars for a glance: small amounts keep their first digits.</summary>
    public static string Money(decimal dollars) => string.Create(CultureInfo.InvariantCulture, $"${dollars.ToString(dollars is > -1 and < 1 ? "0.00####" : "N2", CultureInfo.InvariantCulture)}");

    /// <summary>A resource as YAML.</summary>
    public static string Yaml(JsonElement? resource)
    {
        if (resource is not { } element)
        {
            return "";
        }

        using var text = new StringWriter(CultureInfo.InvariantCulture);
        BundleWriter.WriteYaml(text, [element]);
        return text.ToString().TrimEnd();
    }

    /// <summary>A version without what tells builds apart.</summary>
    public static string Version(string version) => version.Split('+')[0];

    /// <summary>How a status of HTTP is to be taken.</summary>
    public static string ToneOf(int status) => status switch
    {
        0 or >= 500 => "bad",
        >= 400 => "warn",
        _ => "good",
    };

    /// <summary>Scores by their names, each with its mean.</summary>
    public static string Of(IEnumerable<ScoreResult> scores) => string.Join(", ", scores.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Name} {s.Mean.Value:0.###} ({s.Count} times)")));

    /// <summary>An estimate, and where the true value lies.</summary>
    /// <param name="estimate">The value.</param>
    /// <param name="factor">What it is told by.</param>
    /// <param name="form">Of the numbers.</param>
    /// <param name="unit">What follows them.</param>
    public static string Of(Estimate estimate, double factor, string form, string unit)
    {
        string Write(double value) => (value * factor).ToString(form, CultureInfo.InvariantCulture);
        return Write(estimate.Value) + unit + (estimate is { Low: { } low, High: { } high } ? $" ({Write(low)} to {Write(high)})" : "");
    }

    /// <summary>A segment of a path.</summary>
    public static string Escape(string segment) => Uri.EscapeDataString(segment);
}
