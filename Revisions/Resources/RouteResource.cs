using System.Collections.Immutable;
using System.Net;
using Sluice.Revisions.Forwarding;

namespace Sluice.Revisions.Resources;

/// <summary>Which plain HTTP requests go to which upstreams.</summary>
/// <param name="Access">Whether a client key is asked for.</param>
/// <param name="Split">Empty where the route answers by itself.</param>
/// <param name="Sticky">Null: each request is decided by chance.</param>
public sealed record RouteResource(
    string Name, RouteMatch Match, RouteAccess Access, ImmutableArray<SplitPart> Split, Sticky? Sticky) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Route";

    public override string Kind => KindName;

    /// <summary>Where in its life it is.</summary>
    public Lifecycle Lifecycle { get; init; } = Lifecycle.Published;

    /// <summary>What is changed on the way there and back; null: nothing.</summary>
    public RouteTransforms? Transforms { get; init; }

    /// <summary>Where the client is sent, in place of a split; null: nowhere.</summary>
    public RouteRedirect? Redirect { get; init; }

    /// <summary>What is answered in place of a split; null: the upstream's answer.</summary>
    public RouteRespond? Respond { get; init; }

    /// <summary>Which pages of other origins may call it; null: the upstream says so.</summary>
    public RouteCors? Cors { get; init; }

    /// <summary>Bounds of each request; null: none of its own.</summary>
    public RouteLimits? Limits { get; init; }

    /// <summary>Which bodies of its calls are kept in the call log; null: none.</summary>
    public BodyLogging? LogBodies { get; init; }

    /// <summary>What requests must carry; null: anything.</summary>
    public RouteValidation? Validation { get; init; }

    /// <summary>Which answers are compressed; null: none.</summary>
    public RouteCompression? Compress { get; init; }

    /// <summary>Who is sent copies of requests, whose answers nobody sees; empty: nobody.</summary>
    public ImmutableArray<RouteMirror> Mirrors { get; init; } = [];

    /// <summary>Name of the <c>Cache</c> that keeps its answers; null: none are kept.</summary>
    public string? Cache { get; init; }

    /// <summary>What a client's key or token must allow, all of it; empty: nothing beyond being known. Only with access <c>key</c>.</summary>
    public ImmutableArray<string> Scopes { get; init; } = [];

    /// <summary>From where requests are taken; null: from anywhere.</summary>
    public RouteClients? Clients { get; init; }

    /// <summary>Whether a key may also come as the password of HTTP Basic, for clients that know nothing else. Only with access <c>key</c>.</summary>
    public bool TakesBasic { get; init; }
}

/// <summary>From where a route takes requests, by the address of the client: <c>deny</c> before <c>allow</c>.</summary>
/// <param name="Allow">Null: from anywhere but <paramref name="Deny"/>.</param>
/// <param name="Deny">Null: from nowhere.</param>
public sealed record RouteClients(AddressList? Allow, AddressList? Deny)
{
    /// <summary>Whether a request from this address is taken; an address that is not known lies in no range.</summary>
    public bool Takes(IPAddress? address) => !(address is not null && Deny?.Contains(address) is true) && (Allow is null || (address is not null && Allow.Contains(address)));
}

/// <summary>What a request must look like: all that is declared must hold.</summary>
/// <param name="Hosts">Exact names or <c>*.example.com</c>; empty: any. Compared without case and port.</param>
/// <param name="Path">A template of segments: literal, <c>{name}</c> for one, <c>{**rest}</c> for all that remain (last only). Compared with case.</param>
/// <param name="Methods">Upper case; empty: any.</param>
/// <param name="Headers">Each must hold.</param>
/// <param name="Query">Each must hold.</param>
public sealed record RouteMatch(
    ImmutableArray<string> Hosts,
    string Path,
    ImmutableArray<string> Methods,
    ImmutableArray<ValueMatch> Headers,
    ImmutableArray<ValueMatch> Query)
{
    /// <summary>What a flag must say for the request; null: nothing is asked of flags.</summary>
    public FlagCondition? When { get; init; }
}

/// <summary>What is asked of a header or query parameter: one of the values, a prefix, an expression, absence, or by default that it is there.</summary>
/// <param name="Values">One of these, exactly; empty: any value.</param>
public sealed record ValueMatch(string Name, ImmutableArray<string> Values)
{
    /// <summary>With what the value begins, with case; null: anything.</summary>
    public string? Prefix { get; init; }

    /// <summary>An expression of at most 256 characters that matches the whole value, without looking around or back; null: none.</summary>
    public string? Regex { get; init; }

    /// <summary>Whether there must be none.</summary>
    public bool Absent { get; init; }
}

/// <summary>Who may use a route: <c>public</c> (default), or <c>key</c>: clients with a key.</summary>
public enum RouteAccess
{
    Public,
    Key,
}

/// <summary>A part of a route's traffic.</summary>
/// <param name="Upstream">Name of an <c>Upstream</c>.</param>
/// <param name="Weight">0 to 1,000,000; not all parts 0. Default 1.</param>
public readonly record struct SplitPart(string Upstream, int Weight);

/// <summary>An upstream that is sent copies of a route's requests.</summary>
/// <param name="Upstream">Name of an <c>Upstream</c>.</param>
/// <param name="Percent">Of the requests, 1 to 100. Default 100.</param>
public sealed record RouteMirror(string Upstream, int Percent);
