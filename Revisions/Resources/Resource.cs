using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>A declared resource, read and checked. Records below are what their kinds say; docs/resources.md describes each field.</summary>
/// <param name="Name">Unique within the kind.</param>
public abstract record Resource(string Name)
{
    /// <summary>As written in bundles: <c>Route</c>, <c>Model</c> …</summary>
    public abstract string Kind { get; }

    /// <summary>Which it is, for people: <c>Kind/name</c>.</summary>
    public string Label => $"{Kind}/{Name}";
}

/// <summary>Services behind routes.</summary>
/// <param name="Addresses">At least one absolute <c>http</c> or <c>https</c> address, without query; empty where they are discovered.</param>
/// <param name="LoadBalancing">How one of the addresses is chosen.</param>
/// <param name="Protocol">The HTTP version spoken to it.</param>
/// <param name="Timeouts">Bounds of each wait.</param>
/// <param name="Health">Null: every address counts as healthy.</param>
public sealed record UpstreamResource(
    string Name,
    ImmutableArray<Uri> Addresses,
    LoadBalancing LoadBalancing,
    UpstreamProtocol Protocol,
    Timeouts Timeouts,
    ActiveHealth? Health) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Upstream";

    public override string Kind => KindName;

    /// <summary>Where the addresses are looked for; null: they are declared.</summary>
    public UpstreamDiscovery? Discovery { get; init; }

    /// <summary>The weight of each address, 1 to 1,000; empty: each is 1.</summary>
    public ImmutableArray<int> Weights { get; init; } = [];

    /// <summary>Where it is, for people: its addresses, or where they are looked for.</summary>
    public IEnumerable<string> Places => Discovery is null ? Addresses.Select(a => a.AbsoluteUri) : [Discovery.ToString()];

    /// <summary>By what requests are kept on an address; null: not with this balancing.</summary>
    public AddressHash? Hash { get; init; }

    /// <summary>How long an address that is new or well again takes until it has its whole share; null: it has it at once.</summary>
    public TimeSpan? SlowStart { get; init; }

    /// <summary>When a request is sent again; null: never.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>When an address that fails is left out; null: never.</summary>
    public EjectionPolicy? Ejection { get; init; }

    /// <summary>How much an upstream may hold; null: not bounded.</summary>
    public CircuitPolicy? Circuit { get; init; }

    /// <summary>How TLS is spoken to it; null: as the edge's system has it.</summary>
    public UpstreamTls? Tls { get; init; }

    /// <summary>Whether its requests are guarded: sent again, watched for ejection or bounded.</summary>
    public bool IsGuarded => Retry is not null || Ejection is not null || Circuit is not null;
}

/// <summary>How an address is chosen; <c>powerOfTwoChoices</c> is the default.</summary>
public enum LoadBalancing
{
    PowerOfTwoChoices,
    RoundRobin,
    LeastRequests,
    Random,
    Hash,
}

/// <summary>HTTP version towards an upstream: <c>http1</c> (default) or <c>http2</c> (also without TLS).</summary>
public enum UpstreamProtocol
{
    Http1,
    Http2,
}

/// <summary>Bounds of waits on an upstream or provider.</summary>
/// <param name="Connect">To connect, TLS included. Default 5 s.</param>
/// <param name="FirstByte">From the request sent until the answer's headers. Default 100 s for upstreams, 300 s for providers.</param>
/// <param name="Idle">Between two reads of the answer. Default 100 s.</param>
public sealed record Timeouts(TimeSpan Connect, TimeSpan FirstByte, TimeSpan Idle);

/// <summary>Whence a provider's credential comes: exactly one of the two is set.</summary>
/// <param name="Secret">Name of a <c>Secret</c> resource.</param>
/// <param name="Env">Name of an environment variable of the edge.</param>
/// <param name="Weight">1 to 1,000,000; default 1. Only with rotation <c>weighted</c>.</param>
public sealed record CredentialSource(string? Secret, string? Env, int Weight = 1);

/// <summary>How one of a provider's credentials is chosen for each attempt.</summary>
public enum CredentialRotation
{
    /// <summary>By chance, each with its weight; the default.</summary>
    Weighted,

    /// <summary>The one that has most left of the rates that the provider tells.</summary>
    LeastUsed,
}

/// <summary>A provider of models.</summary>
/// <param name="Dialect">What it speaks.</param>
/// <param name="Address">The address up to and with <c>/v1</c>; null for the sandbox.</param>
/// <param name="Credentials">None: it is called without.</param>
/// <param name="Timeouts">Bounds of each wait.</param>
public sealed record ProviderResource(
    string Name, ProviderDialect Dialect, Uri? Address, ImmutableArray<CredentialSource> Credentials, Timeouts Timeouts) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Provider";

    /// <summary>The header by which it is shown its credential: <c>authorization</c> as a bearer's, another as it is; null: as its dialect says.</summary>
    public string? Header { get; init; }

    public override string Kind => KindName;

    /// <summary>How one of several credentials is chosen.</summary>
    public CredentialRotation Rotation { get; init; }

    /// <summary>When its targets are not asked any more for a time.</summary>
    public EjectionRules Ejection { get; init; } = EjectionRules.Defaults;
}

/// <summary>What a provider speaks: <c>openai</c>, <c>anthropic</c>, <c>responses</c>, <c>gemini</c>, <c>bedrock</c>, <c>cohere</c>, <c>ollama</c>, or <c>sandbox</c> for the generator inside the edge.</summary>
public enum ProviderDialect
{
    Openai,
    Sandbox,
    Anthropic,
    Responses,
    Gemini,
    Bedrock,
    Cohere,
    Ollama,
}

/// <summary>A sealed value, as stored. What a caller writes is <c>value</c>; the catalog seals it before anything is stored or hashed.</summary>
/// <param name="Sealed">The sealed envelope in its text form.</param>
/// <param name="Version">1, 2, 3 …: grows with each new value.</param>
/// <param name="Fingerprint">Tells values apart without showing them.</param>
public sealed record SecretResource(string Name, string Sealed, int Version, string Fingerprint) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Secret";

    public override string Kind => KindName;
}
