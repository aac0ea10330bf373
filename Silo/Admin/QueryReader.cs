using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Silo.Admin;

/// <summary>Reads query parameters and headers of one request, and gathers all that is wrong with them.</summary>
internal sealed class QueryReader(HttpRequest request)
{
    private readonly List<FieldError> _errors = [];

    /// <summary>Null where all was right so far.</summary>
    public Problem? Problem => _errors.Count > 0 ? Problem.InvalidRequest(_errors) : null;

    public string? Text(string name) => request.Query.TryGetValue(name, out var values) && values.ToString() is { Length: > 0 } text ? text : null;

    public bool Flag(string name)
    {
        switch (Text(name))
        {
            case null:
                if (request.Query.ContainsKey(name))
                {
                    Wrong(name, "must be true or false; is empty");
                }

                return false;
            case "true":
                return true;
            case "false":
                return false;
            case var other:
                Wrong(name, $"must be true or false; is '{other}'");
                return false;
        }
    }

    public long? Number(string name, long least, long most)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Wrong(name, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}; is '{text}'"));
        return null;
    }

    public DateOnly? Day(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day;
        }

        Wrong(name, $"must be a day (UTC) such as 2026-01-31; is '{text}'");
        return null;
    }

    /// <summary>A moment, or the first or the last one of a day.</summary>
    public DateTimeOffset? Moment(string name, bool isEnd)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            var start = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            return isEnd ? start.AddDays(1).AddTicks(-1) : start;
        }

        if (text.Contains('T', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment))
        {
            return moment;
        }

        Wrong(name, $"must be a day (UTC) such as 2026-01-31 or a time such as 2026-01-31T09:30:00Z; is '{text}'");
        return null;
    }

    /// <summary>The revision of <c>If-Match</c>, written <c>42</c>, <c>"42"</c> or <c>default@42</c>; null where there is none, or <c>*</c>.</summary>
    public long? IfMatch(string workspace)
    {
        var header = request.Headers.IfMatch.ToString();
        if (header is "" or "*")
        {
            return null;
        }

        var text = header.Length >= 2 && header[0] is '"' && header[^1] is '"' ? header[1..^1] : header;
        if (text.StartsWith($"{workspace}@", StringComparison.Ordinal))
        {
            text = text[(workspace.Length + 1)..];
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        _errors.Add(new FieldError("header: If-Match", $"must be a revision such as 42, \"42\" or {workspace}@42; is '{header}'"));
        return null;
    }

    /// <summary>Whether <c>If-None-Match</c> names this revision, by the weak comparison of RFC 9110, section 13.1.2.</summary>
    public bool HasRevision(long revision) =>
        EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var tags)
        && tags.Any(t => t.Compare(new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"")), useStrongComparison: false));

    public void Wrong(string name, string message) => _errors.Add(new FieldError($"query: {name}", message));
}
