using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Sluice.Edge.Caching.Models;

namespace Sluice.Edge.Caching;

/// <summary>An answer as it is kept. Immutable.</summary>
internal sealed record StoredAnswer(int Status, ImmutableArray<KeyValuePair<string, StringValues>> Headers, byte[] Body, AnswerLife Life)
{
    // What an entry takes beside its texts and body.
    private const int Frame = 600;

    /// <summary>The timestamp at which it came, or was last found to hold.</summary>
    public long At { get; init; }

    /// <summary>How old it was then.</summary>
    public TimeSpan AgeThen { get; init; }

    /// <summary>What a model said; null: it is a route's answer.</summary>
    public SaidAnswer? Said { get; init; }

    /// <summary>The headers of requests by which answers differ, and their values in the request that it answers.</summary>
    public ImmutableArray<(string Name, string Value)> Vary { get; init; } = [];

    /// <summary>The bytes that it takes, about.</summary>
    public long Size => Frame + Body.Length + Headers.Sum(static h => 100 + h.Key.Length + h.Value.Sum(static v => 2L * (v?.Length ?? 0)));

    /// <summary>Its validator; empty: none.</summary>
    public StringValues ETag => this[HeaderNames.ETag];

    /// <summary>Its second validator; empty: none.</summary>
    public StringValues LastModified => this[HeaderNames.LastModified];

    /// <summary>Whether it can be asked for anew by what is known of it.</summary>
    public bool HasValidator => ETag.Count > 0 || LastModified.Count > 0;

    /// <summary>A header of it; empty: there is none.</summary>
    public StringValues this[string name]
    {
        get
        {
            foreach (var (key, value) in Headers)
            {
                if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
                {
                    return value;
                }
            }

            return default;
        }
    }

    /// <summary>The headers named by <c>Vary</c>, with their values in a request.</summary>
    public static ImmutableArray<(string Name, string Value)> VaryOf(StringValues vary, IHeaderDictionary request) =>
    [
        .. vary.SelectMany(static v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Distinct(StringComparer.OrdinalIgnoreCase).Select(name => (name, Normal(request[name]))),
    ];

    /// <summary>Whether it answers a request with these headers.</summary>
    public bool Fits(IHeaderDictionary request)
    {
        foreach (var (name, value) in Vary)
        {
            if (!string.Equals(value, Normal(request[name]), StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Found to hold: the headers of the answer that says so take the place of its own (RFC 9111, section 3.2).</summary>
    public StoredAnswer Freshened(ImmutableArray<KeyValuePair<string, StringValues>> told, AnswerLife life, long at, TimeSpan age) => this with
    {
        Headers =
        [
            .. Headers.Where(h => !told.Any(t => string.Equals(t.Key, h.Key, StringComparison.OrdinalIgnoreCase))),
            .. told.Where(static t => !t.Key.Equals(HeaderNames.ContentEncoding, StringComparison.OrdinalIgnoreCase) && !t.Key.Equals(HeaderNames.ContentType, StringComparison.OrdinalIgnoreCase)
                && !t.Key.Equals(HeaderNames.ContentRange, StringComparison.OrdinalIgnoreCase)),
        ],
        Life = life,
        At = at,
        AgeThen = age,
    };

    private static string Normal(StringValues values) => values.Count == 0 ? "" : string.Join(',', values.ToString().Split(',', StringSplitOptions.TrimEntries));
}
