using System.Globalization;

namespace Sluice.Grains.Interfaces.Usage;

/// <summary>Reads from a request's id when it came: <c>req_</c>, eleven hexadecimal digits of milliseconds since 1970, and sixteen more.</summary>
public static class RequestTimes
{
    private const string Prefix = "req_";
    private const int Digits = 11;
    private const int Length = 31;

    /// <summary>When it came; null: it is no id.</summary>
    public static DateTimeOffset? Of(string id) =>
        id.Length == Length && id.StartsWith(Prefix, StringComparison.Ordinal) && !id.AsSpan(Prefix.Length).ContainsAnyExcept("0123456789abcdef")
        && long.TryParse(id.AsSpan(Prefix.Length, Digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var milliseconds)
        && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
}
