using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>
/// A bundle in which every value carries one number: where the route leads, where the provider is, how the model is called there, how many tokens it is asked
/// for, what it costs and what the limit is. So an answer shows of each part by which revision it was decided (K3 of docs/reload.md).
/// </summary>
internal static partial class Generation
{
    /// <summary>The model's name for clients.</summary>
    public const string Model = "checked";

    private const int ByteValues = 250;
    private const int FewestTokens = 1_000;
    private const int FewestRequests = 10_000_000;
    private const decimal DollarsForEachToken = 0.000001m;

    /// <summary>The bundle, as YAML.</summary>
    /// <param name="number">At least 1.</param>
    /// <param name="port">Where the upstream listens, at every loopback address.</param>
    public static string Bundle(long number, int port) => string.Create(CultureInfo.InvariantCulture, $$"""
        kind: Upstream
        name: there
        addresses: ["http://{{Address(number)}}:{{port}}"]
        ---
        kind: Route
        name: there
        match: { path: /there }
        split: [{ upstream: there }]
        ---
        kind: Provider
        name: echo
        dialect: openai
        address: http://{{Address(number)}}:{{port}}/v1
        ---
        kind: Model
        name: {{Model}}
        targets: [{ provider: echo, model: "m-{{number}}" }]
        maxOutputTokens: {{FewestTokens + number}}
        price: { input: "{{number}} USD", output: "{{number}} USD" }
        ---
        kind: Limit
        name: each
        subject: tenant/*
        requests: { per: hour, amount: {{FewestRequests + number}} }
        tokens: { per: hour, amount: 1000000000000 }
        whenUnreachable: open
        """);

    /// <summary>A bundle that no silo may take, with a number of its own: its route leads to an upstream that it does not have.</summary>
    public static string Invalid(long number, int port) => Bundle(number, port).Replace("split: [{ upstream: there }]", "split: [{ upstream: nowhere }]", StringComparison.Ordinal);

    /// <summary>Of a loopback address that the upstream was reached at.</summary>
    public static long OfAddress(IPAddress address)
    {
        var bytes = address.MapToIPv4().GetAddressBytes();
        return (((((bytes[1] - 1L) * ByteValues) + bytes[2] - 1) * ByteValues) + bytes[3] - 1);
    }

    /// <summary>Of what the upstream was told to call the model.</summary>
    public static long OfModel(string name) => Number(name.AsSpan("m-".Length));

    /// <summary>Of the bound on the answer that the upstream was sent.</summary>
    public static long OfMaxTokens(long tokens) => tokens - FewestTokens;

    /// <summary>Of <c>x-ratelimit-limit-requests</c>.</summary>
    public static long OfLimit(string header) => Number(header) - FewestRequests;

    /// <summary>Of what some tokens cost, in US dollars.</summary>
    public static long OfCost(string dollars, long tokens) =>
        (long)(decimal.Parse(dollars, NumberStyles.Float, CultureInfo.InvariantCulture) / DollarsForEachToken / tokens);

    /// <summary>Of a revision's resources, as the admin API tells them; 0: they carry none.</summary>
    public static long OfResources(string json) => Told().Match(json) is { Success: true } match ? Number(match.Groups["number"].ValueSpan) : 0;

    private static string Address(long number) => string.Create(
        CultureInfo.InvariantCulture, $"127.{1 + (number / ByteValues / ByteValues)}.{1 + (number / ByteValues % ByteValues)}.{1 + (number % ByteValues)}");

    private static long Number(ReadOnlySpan<char> text) => long.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("\"m-(?<number>[0-9]+)\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Told();
}
