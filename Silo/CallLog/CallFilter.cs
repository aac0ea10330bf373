namespace Sluice.Silo.CallLog;

/// <summary>Which calls are looked for; null of a field: any.</summary>
/// <param name="From">That ended then or later.</param>
/// <param name="To">That ended then or earlier.</param>
internal sealed record CallFilter(DateTimeOffset From, DateTimeOffset To)
{
    public string? Tenant { get; init; }

    public string? Key { get; init; }

    public string? User { get; init; }

    /// <summary>The model that was asked for, or <c>route/</c> and a route's name.</summary>
    public string? Asked { get; init; }

    /// <summary>The provider that answered.</summary>
    public string? Provider { get; init; }

    /// <summary><c>provider/model</c> or the part of a split.</summary>
    public string? Target { get; init; }

    /// <summary>Statuses, both included.</summary>
    public (int Least, int Most)? Status { get; init; }

    /// <summary>In microseconds.</summary>
    public long? LeastLatency { get; init; }

    /// <summary>In microseconds.</summary>
    public long? MostLatency { get; init; }

    /// <summary>In 10⁻⁹ US dollar.</summary>
    public long? LeastCost { get; init; }

    /// <summary>The least number of attempts.</summary>
    public int? LeastAttempts { get; init; }

    /// <summary>Whether a kept answer was given.</summary>
    public bool? IsCached { get; init; }

    public string? Tag { get; init; }

    public string? Prompt { get; init; }

    public string? Edge { get; init; }

    public long? Revision { get; init; }

    public string? Request { get; init; }

    /// <summary>The code of an error, or whose rule it was, <c>Kind/name</c>.</summary>
    public string? RefusedBy { get; init; }

    /// <summary>As the condition of a statement, with its parameters.</summary>
    public (string Sql, IReadOnlyList<KeyValuePair<string, object>> Parameters) Where()
    {
        var terms = new List<string>();
        var parameters = new List<KeyValuePair<string, object>>();
        Add("EndedMicros >= $from", "from", Micros(From));
        Add("EndedMicros <= $to", "to", Micros(To));
        Add("Tenant = $tenant", "tenant", Tenant);
        Add("\"Key\" = $key", "key", Key);
        Add("\"User\" = $user", "user", User);
        Add("Asked = $asked", "asked", Asked);
        Add("Target LIKE $provider ESCAPE '\\'", "provider", Provider is null ? null : $"{Provider.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal)}/%");
        Add("Target = $target", "target", Target);
        Add("Status >= $least", "least", Status?.Least);
        Add("Status <= $most", "most", Status?.Most);
        Add("LatencyMicros >= $slow", "slow", LeastLatency);
        Add("LatencyMicros <= $fast", "fast", MostLatency);
        Add("CostNano >= $cost", "cost", LeastCost);
        Add("Attempts >= $attempts", "attempts", LeastAttempts);
        Add("(Source = 'cached') = $cached", "cached", IsCached);
        Add("list_contains(Tags, $tag)", "tag", Tag);
        Add("Prompt = $prompt", "prompt", Prompt);
        Add("Edge = $edge", "edge", Edge);
        Add("Revision = $revision", "revision", Revision);
        Add("Request = $request", "request", Request);
        Add("(Error = $refused OR RefusedBy = $refused)", "refused", RefusedBy);
        return (string.Join(" AND ", terms), parameters);

        void Add(string term, string name, object? value)
        {
            if (value is not null)
            {
                terms.Add(term);
                parameters.Add(KeyValuePair.Create(name, value));
            }
        }
    }

    /// <summary>Microseconds since 1970.</summary>
    public static long Micros(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The time of so many microseconds since 1970.</summary>
    public static DateTimeOffset TimeOf(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}

/// <summary>Where a page of calls ended.</summary>
/// <param name="Micros">When the last call of it ended.</param>
/// <param name="Request">That call.</param>
internal readonly record struct CallPlace(long Micros, string Request);
