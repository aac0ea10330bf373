using System.Net;
using Sluice.Grains.Interfaces;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Outbound;

namespace Sluice.Edge;

/// <summary>Settings of an edge, section <c>Sluice:Edge</c> of the configuration; validated at start, all errors at once.</summary>
public sealed record EdgeOptions
{
    private const int DefaultHttp = 8080;
    private const int DefaultHttps = 8443;
    private const int MostCalls = 1_000_000;
    private const int MostBodies = 4_096;
    private const int LeastJournal = 32;
    private const int MostJournal = 65_536;
    private const int MostHeld = 1_048_576;
    private const long Megabyte = 1024 * 1024;

    // One body of the largest that is read, of two tenants.
    private const long LeastHeld = 64 * Megabyte;

    /// <summary>The port for clients, HTTP/1.1; 0 takes a free one. Default 8080.</summary>
    public int Http { get; init; } = DefaultHttp;

    /// <summary>
    /// The port for clients over TLS, HTTP/2 and HTTP/1.1; 0: none. Null: 8443, but none where <see cref="Http"/> is not 8080 either, so that several edges run on one machine. See
    /// docs/certificates.md.
    /// </summary>
    public int? Https { get; init; }

    /// <summary>The port for clients that speak HTTP/2 without TLS from the first byte, as gRPC does inside of a network; 0, the default: none.</summary>
    public int Http2 { get; init; }

    /// <summary>Whether clients are served over HTTP/3 as well, by UDP on the port of <see cref="Https"/>; the runtime must have QUIC. Default false. See docs/http3.md.</summary>
    public bool Http3 { get; init; }

    /// <summary>The UDP port at which clients are told (<c>Alt-Svc</c>) that HTTP/3 is served, where it is mapped; 0: they are not told. Null: that of <see cref="Https"/>.</summary>
    public int? Http3Advertised { get; init; }

    /// <summary>The address to listen on. Default: all of the machine.</summary>
    public string Listen { get; init; } = "0.0.0.0";

    /// <summary>The port for <c>/healthz/live</c>, <c>/healthz/ready</c> and <c>/metrics</c>; 0 takes a free one. Default 9090.</summary>
    public int Ops { get; init; } = 9090;

    /// <summary>The address of <see cref="Ops"/>. Default: loopback. What is there is for the operator's network, not for clients.</summary>
    public string ListenOps { get; init; } = "127.0.0.1";

    /// <summary>
    /// Whether an edge that has lost its silos serves on from what it knows, each answer marked <c>sluice-stale: true</c>; else it answers 503. Keys are never taken
    /// from what may be stale. Default true: as the workspace says. False holds for this edge whatever the workspace says.
    /// </summary>
    public bool ServeStale { get; init; } = true;

    /// <summary>For how long it serves on; null: as long as the workspace says. Of two times the shorter one holds.</summary>
    public TimeSpan? MaxStale { get; init; }

    /// <summary>
    /// The folder in which <c>sluice edge</c> keeps the last revisions that it ran, sealed, so that it can start without a silo; its own, no other edge's. Null:
    /// <c>edges/</c> and its port in the data folder, or nowhere where the port is a free one.
    /// </summary>
    public string? KnownGood { get; init; }

    /// <summary>The key of what is kept there, 32 bytes in base64; null: it is in <c>edge.key</c> of the data folder, which the first start makes.</summary>
    public string? KnownGoodKey { get; init; }

    /// <summary>For how long an edge that was asked to end says that it is not ready and serves on, so that whoever balances in front of it takes it out. Null: 5 s, and not at all with <c>sluice up</c>.</summary>
    public TimeSpan? DrainDelay { get; init; }

    /// <summary>How long requests under way may then take to end. Default 60 s.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a client of a stream hears nothing at most, once its answer has begun: then it is sent a comment, or what its dialect has for it. 0: never. Default 15 s.</summary>
    public TimeSpan StreamKeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether <c>/metrics</c> is told. Default true; false spares the little that it costs. See docs/monitoring.md.</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>How often it asks silos which batches are to be looked at; each is looked at by one edge at a time, and the seldomer the older it is. Default 10 s. See docs/batches.md.</summary>
    public TimeSpan DeferredLook { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The most calls of the last hour that are kept in memory for <c>sluice diff --replay</c>, without bodies and credentials; of more an even sample. 0: none. Default
    /// 6,000, which takes about 3 MB. See docs/explain.md.
    /// </summary>
    public int Calls { get; init; } = 6_000;

    /// <summary>The most calls that wait in memory to be brought to the call log; what finds no room is dropped and counted. 0: none are logged. Default 20,000. See docs/calls.md.</summary>
    public int CallLog { get; init; } = 20_000;

    /// <summary>Memory, in MiB, that bodies of calls take at most while they wait to be brought to where they rest; what finds no room is dropped and counted. 0: none are kept. Default 16. See docs/calls.md.</summary>
    public int CallBodies { get; init; } = 16;

    /// <summary>The most calls of plain routes a second that are logged though nothing was wrong with them. Default 1,000.</summary>
    public int CallLogRate { get; init; } = 1_000;

    /// <summary>The same of models. Default 5,000.</summary>
    public int CallLogModelRate { get; init; } = 5_000;

    /// <summary>
    /// The folder of the edge's journal, from which its next start tells what was under way when it was lost; its own, no other edge's. Null: <c>journal/</c> beside what
    /// is kept of revisions, or nowhere where the port is a free one. See docs/accounting.md.
    /// </summary>
    public string? Journal { get; init; }

    /// <summary>The most that the journal takes on the disk, in MiB; 0: there is none. Default 256.</summary>
    public int JournalMegabytes { get; init; } = 256;

    /// <summary>The most memory that bodies of requests under way take, in MiB. Null: a quarter of what the process may use, and 64 at least. See docs/security.md.</summary>
    public int? HeldMegabytes { get; init; }

    /// <summary>The same of one tenant's requests. Null: half of that.</summary>
    public int? HeldMegabytesPerTenant { get; init; }

    /// <summary>Whether upstreams and providers may be on this machine or in private networks; else only on the internet, and in <see cref="OpenRanges"/>. Default true. See docs/security.md.</summary>
    public bool PrivateUpstreams { get; init; } = true;

    /// <summary>Ranges of addresses that upstreams and providers may have besides, such as <c>10.20.0.0/16</c>, or one address and port, <c>127.0.0.1:7070</c>, which may be the cluster's own; separated by commas.</summary>
    public string? OpenRanges { get; init; }

    /// <summary>The folder of the files that upstreams' <c>discovery</c> may name; null: they may name none. See docs/upstreams.md.</summary>
    public string? Discovery { get; init; }

    /// <summary>The kubeconfig by which upstreams' <c>discovery</c> reaches Kubernetes; null: with the account of the edge's pod.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>
    /// Proxies in front of this edge, as addresses and ranges separated by commas, such as <c>10.0.0.0/8</c>: of a client that comes through them the address is what they say in
    /// <c>X-Forwarded-For</c>. Null: nobody is believed. See docs/access.md.
    /// </summary>
    public string? TrustedProxies { get; init; }

    /// <summary>What the process may take of memory, in MiB. Null: what the runtime knows, which is a container's limit, <c>DOTNET_GCHeapHardLimit</c>, or the machine's memory.</summary>
    public int? MemoryMegabytes { get; init; }

    /// <summary>At how many percent of it new requests are refused, 50 to 99; 0, the default: never. See docs/operations.md, "Memory".</summary>
    public int MemoryFullAt { get; init; }

    /// <summary>The workspace that this edge serves.</summary>
    public string Workspace { get; init; } = GrainKeys.DefaultWorkspace;

    /// <summary>The port that <see cref="Https"/> comes to; 0: none.</summary>
    public int HttpsPort => Https ?? (Http == DefaultHttp ? DefaultHttps : 0);

    /// <summary>What <see cref="MemoryMegabytes"/> comes to, in bytes.</summary>
    public long? MemoryBytes => MemoryMegabytes * Megabyte;

    /// <summary>The port for HTTP/3 that clients are told; 0: they are told none.</summary>
    public int AdvertisedHttp3Port => Http3 ? Http3Advertised ?? HttpsPort : 0;

    /// <summary>What <see cref="HeldMegabytes"/> comes to, in bytes.</summary>
    public long HeldBytes => HeldMegabytes is { } megabytes ? megabytes * Megabyte : Math.Max(LeastHeld, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>What <see cref="HeldMegabytesPerTenant"/> comes to, in bytes.</summary>
    public long HeldBytesOfTenant => HeldMegabytesPerTenant is { } megabytes ? Math.Min(megabytes * Megabyte, HeldBytes) : HeldBytes / 2;

    /// <summary>All that is wrong with addresses and ports; empty where all is right.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        foreach (var (name, address) in new[] { (nameof(Listen), Listen), (nameof(ListenOps), ListenOps) })
        {
            if (!IPAddress.TryParse(address, out _))
            {
                errors.Add($"Edge:{name} must be an IP address such as 0.0.0.0 or 127.0.0.1, is '{address}'");
            }
        }

        foreach (var (name, port) in new[] { (nameof(Http), Http), (nameof(Https), HttpsPort), (nameof(Http2), Http2), (nameof(Http3Advertised), Http3Advertised ?? 0), (nameof(Ops), Ops) })
        {
            if (port is < 0 or > IPEndPoint.MaxPort)
            {
                errors.Add(FormattableString.Invariant($"Edge:{name} must be 0 to {IPEndPoint.MaxPort}, is {port}"));
            }
        }

        if (Http3 && HttpsPort == 0)
        {
            errors.Add("Edge:Http3 is served on the port for TLS, and there is none: name one with Edge:Https (--https), such as 8443");
        }

        if (!Http3 && Http3Advertised is not null)
        {
            errors.Add("Edge:Http3Advertised is told to clients where Edge:Http3 is true, and it is not");
        }

        if (DeferredLook < TimeSpan.FromMilliseconds(100) || DeferredLook > TimeSpan.FromHours(1))
        {
            errors.Add(FormattableString.Invariant($"Edge:DeferredLook must be 00:00:00.1 to 01:00:00, is {DeferredLook:c}"));
        }

        if (StreamKeepAlive < TimeSpan.Zero || StreamKeepAlive > TimeSpan.FromHours(1))
        {
            errors.Add(FormattableString.Invariant($"Edge:StreamKeepAlive must be 00:00:00, which is never, to 01:00:00, is {StreamKeepAlive:c}"));
        }

        if (Calls is < 0 or > MostCalls)
        {
            errors.Add(FormattableString.Invariant($"Edge:Calls must be 0 to {MostCalls}, is {Calls}"));
        }

        if (CallLog is < 0 or > MostCalls)
        {
            errors.Add(FormattableString.Invariant($"Edge:CallLog must be 0 to {MostCalls}, is {CallLog}"));
        }

        if (CallBodies is < 0 or > MostBodies)
        {
            errors.Add(FormattableString.Invariant($"Edge:CallBodies must be 0 to {MostBodies}, is {CallBodies}"));
        }

        foreach (var (name, rate) in (ReadOnlySpan<(string, int)>)[(nameof(CallLogRate), CallLogRate), (nameof(CallLogModelRate), CallLogModelRate)])
        {
            if (rate is < 0 or > MostCalls)
            {
                errors.Add(FormattableString.Invariant($"Edge:{name} must be 0 to {MostCalls}, is {rate}"));
            }
        }

        if (JournalMegabytes is not 0 and (< LeastJournal or > MostJournal))
        {
            errors.Add(FormattableString.Invariant($"Edge:JournalMegabytes must be 0, or {LeastJournal} to {MostJournal}, is {JournalMegabytes}"));
        }

        foreach (var (name, megabytes) in (ReadOnlySpan<(string, int?)>)[(nameof(HeldMegabytes), HeldMegabytes), (nameof(HeldMegabytesPerTenant), HeldMegabytesPerTenant), (nameof(MemoryMegabytes), MemoryMegabytes)])
        {
            if (megabytes is < 1 or > MostHeld)
            {
                errors.Add(FormattableString.Invariant($"Edge:{name} must be 1 to {MostHeld}, is {megabytes}"));
            }
        }

        if (MemoryFullAt is not 0 and (< 50 or > 99))
        {
            errors.Add(FormattableString.Invariant($"Edge:MemoryFullAt must be 0, which is never, or 50 to 99 percent, is {MemoryFullAt}"));
        }

        errors.AddRange(AddressGuard.Check($"Edge:{nameof(OpenRanges)}", OpenRanges));

        foreach (var range in Pipeline.TrustedProxies.Split(TrustedProxies).Where(range => !AddressList.IsRange(range)))
        {
            errors.Add($"Edge:{nameof(TrustedProxies)} must be {AddressList.Rule}, or several separated by commas; one is '{range}'");
        }

        // Requests of clients and of the operator are told apart by the port that they came to.
        (string Name, int Port)[] ports = [(nameof(Http), Http), (nameof(Https), HttpsPort), (nameof(Http2), Http2), (nameof(Ops), Ops)];
        foreach (var same in ports.Where(p => p.Port != 0).GroupBy(p => p.Port, p => $"Edge:{p.Name}").Where(g => g.Count() > 1))
        {
            errors.Add(FormattableString.Invariant($"{string.Join(" and ", same)} must differ: {same.Key} is there {(same.Count() == 2 ? "twice" : "more than once")}"));
        }

        return errors;
    }
}
