using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>By what requests are kept on an address, with <c>loadBalancing: hash</c>. See docs/upstreams.md.</summary>
/// <param name="By">Where the value is.</param>
/// <param name="Name">Of the header or cookie; null for the others.</param>
public sealed record AddressHash(HashBy By, string? Name);

/// <summary>Where a hashed value is: <c>header</c>, <c>cookie</c>, <c>subject</c> (the key's user, else the key), or <c>address</c> (the client's).</summary>
public enum HashBy
{
    Header,
    Cookie,
    Subject,
    Address,
}

/// <summary>Statuses from one to another, both among them.</summary>
/// <param name="From">100 to 599.</param>
/// <param name="To">Not less.</param>
public readonly record struct StatusRange(int From, int To);

/// <summary>What is asked of each address, and which answers are good.</summary>
/// <param name="Path">Begins with <c>/</c>.</param>
/// <param name="Interval">Default 5 s, at least 100 ms.</param>
/// <param name="Timeout">Default 2 s.</param>
public sealed record ActiveHealth(string Path, TimeSpan Interval, TimeSpan Timeout)
{
    /// <summary>How many good probes in a row make an address well again. Default 1.</summary>
    public int Healthy { get; init; } = 1;

    /// <summary>How many bad ones in a row make it unwell. Default 1.</summary>
    public int Unhealthy { get; init; } = 1;

    /// <summary>Good statuses. Default 200 to 299.</summary>
    public ImmutableArray<StatusRange> Statuses { get; init; } = [new(200, 299)];

    /// <summary>What probes say in <c>Host</c>; null: as requests do.</summary>
    public string? Host { get; init; }

    /// <summary>The port that is probed; null: the address's own.</summary>
    public int? Port { get; init; }

    /// <summary>Headers of each probe.</summary>
    public ImmutableArray<NamedText> Headers { get; init; } = [];
}
