using Sluice.Edge.Caching;
using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Edge.Metrics;

/// <summary>Every metric of an edge, declared once. <see cref="EdgeMeter"/> makes the instruments; docs/monitoring.md has the same list.</summary>
public static class EdgeMetrics
{
    private const string Seconds = "s";

    /// <summary>The values of the tag <c>outcome</c> of requests, in the order of <see cref="RequestOutcome"/>.</summary>
    public static readonly IReadOnlyList<string> Outcomes = ["upgraded", "2xx", "3xx", "4xx", "5xx", "broken", "left"];

    public static readonly Metric Revision = new(
        "sluice.edge.revision", MetricShape.Gauge, "{revision}", "The revision in force; 0 before the first.");

    public static readonly Metric RevisionAge = new(
        "sluice.edge.revision.age", MetricShape.Gauge, Seconds, "How long the revision in force has been active.");

    public static readonly Metric OldRevisions = new(
        "sluice.edge.revisions.old", MetricShape.Gauge, "{revision}", "Revisions that were replaced and still have requests in flight.");

    public static readonly Metric OldestRevision = new(
        "sluice.edge.revisions.oldest.age", MetricShape.Gauge, Seconds, "How long ago the oldest of the old revisions was replaced; 0 where there is none.");

    public static readonly Metric InFlight = new(
        "sluice.edge.requests.in_flight",
        MetricShape.Gauge,
        "{request}",
        "Requests that have not ended, under the revision in force and under old ones.",
        new MetricTag("revision", "active", "old"));

    public static readonly Metric Duration = new(
        "sluice.edge.request.duration",
        MetricShape.Histogram,
        Seconds,
        "Time from a request's arrival to the end of its answer, by status class; broken: the answer was cut off; left: the client did not wait for its end.",
        new MetricTag("outcome", Outcomes));

    public static readonly Metric StaleAnswers = new(
        "sluice.edge.answers.stale", MetricShape.Counter, "{answer}", "Requests that were served without a lease, with sluice-stale: true.");

    public static readonly Metric Waiting = new(
        "sluice.edge.admissions.waiting", MetricShape.Gauge, "{request}", "Requests that wait to be admitted: for the revision that they ask for by sluice-min-revision, or while a strict workspace holds them.");

    public static readonly Metric LeaseLeft = new(
        "sluice.edge.lease.remaining", MetricShape.Gauge, Seconds, "How long the lease holds yet; 0 where it has lapsed.");

    public static readonly Metric LeaseLapsed = new(
        "sluice.edge.lease.lapsed", MetricShape.Gauge, "{lease}", "1 while the edge has no lease, else 0.");

    public static readonly Metric Activations = new(
        "sluice.edge.activations",
        MetricShape.Counter,
        "{activation}",
        "Heads that were to be activated: activated, refused because they cannot be run here, or failed for now and tried again.",
        new MetricTag("outcome", "activated", "refused", "failed"));

    public static readonly Metric Preparations = new(
        "sluice.edge.preparations",
        MetricShape.Counter,
        "{candidate}",
        "Candidates that were prepared before a commit, refused, or could not be fetched.",
        new MetricTag("outcome", "prepared", "refused", "failed"));

    public static readonly Metric CompileTime = new(
        "sluice.edge.compile.duration", MetricShape.Histogram, Seconds, "Time to check and compile a revision.");

    public static readonly Metric Fetches = new(
        "sluice.edge.fetches", MetricShape.Counter, "{fetch}", "Revisions that were fetched, whole or as what differs from the one before.", new MetricTag("kind", "whole", "delta"));

    public static readonly Metric FetchedBytes = new(
        "sluice.edge.fetch.size", MetricShape.Counter, "By", "Bytes of the resources that were fetched.", new MetricTag("kind", "whole", "delta"));

    public static readonly Metric KnownGoodWrites = new(
        "sluice.edge.known_good.writes",
        MetricShape.Counter,
        "{write}",
        "Revisions that were kept on disk for a start without silos, and attempts that failed.",
        new MetricTag("outcome", "written", "failed"));

    public static readonly Metric UsageWaiting = new(
        "sluice.edge.usage.waiting", MetricShape.Gauge, "{record}", "Records of attempts that wait in memory for the answer of a silo.");

    public static readonly Metric AccountCalls = new(
        "sluice.edge.accounts.calls", MetricShape.Counter, "{call}", "Calls to grains for loans, shares, reports and usage: they grow with time and subjects, not with requests.");

    public static readonly Metric Overdraft = new(
        "sluice.edge.overdraft", MetricShape.Counter, "{token}", "Tokens that were charged beyond what hard budgets had reserved for them.");

    public static readonly Metric StreamsCut = new(
        "sluice.edge.streams.cut", MetricShape.Counter, "{stream}", "Streams that were ended with the reason length, because a hard budget covered no more of them.");

    public static readonly Metric Retries = new(
        "sluice.edge.attempts.again", MetricShape.Counter, "{attempt}", "Attempts at models that followed a failed one of the same request.");

    public static readonly Metric TargetsEjected = new(
        "sluice.edge.targets.ejected", MetricShape.Gauge, "{target}", "Targets of models that failed too often and are asked only where no other is left, until a probe of one answers.");

    public static readonly Metric TargetsResting = new(
        "sluice.edge.targets.resting", MetricShape.Gauge, "{target}", "Targets of models that asked, with 429 or retry-after, not to be asked for a time that is not over.");

    public static readonly Metric SecretUses = new(
        "sluice.edge.secret.uses",
        MetricShape.Counter,
        "{use}",
        "Attempts at models for which a secret was used, by the names of the secret and of the provider whose credential it is; of those that the revision in force has.",
        new MetricTag("secret"),
        new MetricTag("provider"));

    public static readonly Metric UpstreamRetries = new(
        "sluice.edge.upstreams.retries",
        MetricShape.Counter,
        "{attempt}",
        "Requests that were sent to an upstream again, by what the attempt before met.",
        new MetricTag("after", "connect", "reset", "timeout", "status"));

    public static readonly Metric UpstreamRetriesDenied = new(
        "sluice.edge.upstreams.retries.denied", MetricShape.Counter, "{request}", "Requests that were not sent to an upstream again because the budget of its retries was used up.");

    public static readonly Metric UpstreamRefusals = new(
        "sluice.edge.upstreams.refusals", MetricShape.Counter, "{request}", "Requests that were answered 503 because their upstream had as many as its circuit allows.");

    public static readonly Metric UpstreamEjections = new(
        "sluice.edge.upstreams.ejections", MetricShape.Counter, "{ejection}", "Addresses of upstreams that were ejected because their requests failed.");

    public static readonly Metric UpstreamEjected = new(
        "sluice.edge.upstreams.ejected", MetricShape.Gauge, "{address}", "Addresses of upstreams that are ejected now.");

    public static readonly Metric UpstreamAddresses = new(
        "sluice.edge.upstreams.addresses", MetricShape.Gauge, "{address}", "Addresses that are found of an upstream that declares discovery, by its name.", new MetricTag("upstream"));

    public static readonly Metric Mirrored = new(
        "sluice.edge.mirrors",
        MetricShape.Counter,
        "{request}",
        "Copies of requests for mirrors: answered, failed (no answer, or one of 500 to 599), or not sent because too many were under way, the body was too large, or it did not come to its end.",
        new MetricTag("outcome", "answered", "failed", "full", "large", "broken"));

    public static readonly Metric BodiesHeld = new(
        "sluice.edge.bodies.held", MetricShape.Gauge, "By", "Memory that bodies of requests under way take, each as its buffer; those up to 16 KiB and those that are passed on as they come are not counted.");

    public static readonly Metric BodiesRefused = new(
        "sluice.edge.bodies.refused",
        MetricShape.Counter,
        "{request}",
        "Requests whose bodies were refused for want of room: larger alone than what is held (413), beside others of the tenant (429), beside those of all (503).",
        new MetricTag("bound", "request", "tenant", "edge"));

    public static readonly Metric SplitDuration = new(
        "sluice.edge.split.duration",
        MetricShape.Histogram,
        Seconds,
        "Time from when a request was sent to a part of a route's split to its answer's first byte, or until there was none to come. Of 200 parts; those that come later count as other.",
        new MetricTag("route"),
        new MetricTag("upstream"));

    public static readonly Metric SplitFailures = new(
        "sluice.edge.split.failures",
        MetricShape.Counter,
        "{request}",
        "Requests to a part of a route's split that it answered 500 to 599, or did not answer.",
        new MetricTag("route"),
        new MetricTag("upstream"));

    public static readonly Metric CacheAnswers = new(
        "sluice.edge.cache.answers",
        MetricShape.Counter,
        "{request}",
        "Requests to which a declared cache has given an answer, or not, by the cache's name and what it did.",
        new MetricTag("cache"),
        new MetricTag("outcome", [.. NamedCache.Outcomes]));

    public static readonly Metric CacheSize = new(
        "sluice.edge.cache.size", MetricShape.Gauge, "By", "Room that the kept answers of a declared cache take in memory, by the cache's name.", new MetricTag("cache"));

    public static readonly Metric CacheSaved = new(
        "sluice.edge.cache.saved", MetricShape.Counter, "{dollar}", "What kept answers of models have saved: what asking for them anew would have cost, less what was charged, in US dollar, by the cache's name.", new MetricTag("cache"));

    public static readonly Metric UsageLost = new(
        "sluice.edge.usage.lost", MetricShape.Counter, "{record}", "Records of attempts of which only the sums were kept, for want of room in memory and in the journal.");

    public static readonly Metric CallsWaiting = new(
        "sluice.edge.calls.waiting", MetricShape.Gauge, "{call}", "Calls that wait in memory to be brought to the call log.");

    public static readonly Metric CallsLogged = new("sluice.edge.calls.logged", MetricShape.Counter, "{call}", "Calls that rest in the call log.");

    public static readonly Metric CallsDropped = new(
        "sluice.edge.calls.dropped",
        MetricShape.Counter,
        "{call}",
        "Calls that are not in the call log: for want of room while no silo took them, or because there were more successes in a second than are logged.",
        new MetricTag("reason", "full", "rate"));

    public static readonly Metric BodiesLogged = new("sluice.edge.bodies.logged", MetricShape.Counter, "{call}", "Calls whose bodies rest, by opt-in.");

    public static readonly Metric BodiesDropped = new(
        "sluice.edge.bodies.dropped",
        MetricShape.Counter,
        "{call}",
        "Calls whose bodies were to be kept and are not: for want of memory in this edge, or because no silo took them or their tenant has as many as are kept.",
        new MetricTag("reason", "full", "refused"));

    public static readonly Metric JournalBytes = new(
        "sluice.edge.journal.size", MetricShape.Gauge, "By", "Room that the journal's files take; 0 where there is none.");

    public static readonly Metric JournalLost = new(
        "sluice.edge.journal.lost", MetricShape.Counter, "{entry}", "Entries that the journal could not keep: should the edge be lost, its leases stay in doubt.");

    public static readonly Metric Handshakes = new(
        "sluice.edge.tls.handshakes",
        MetricShape.Counter,
        "{handshake}",
        "TLS handshakes of clients: done, refused because no certificate is declared for the name, or failed in another way, the 5 s of a handshake among them.",
        new MetricTag("outcome", "done", "unknown-name", "failed"));

    public static readonly Metric CertificateEnds = new(
        "sluice.edge.certificate.expires", MetricShape.Gauge, Seconds, "Time until a certificate of the revision in force ends; below 0 once it has. By its name.", new MetricTag("certificate"));

    public static readonly Metric CertificateDue = new(
        "sluice.edge.certificate.due",
        MetricShape.Gauge,
        "{certificate}",
        "1 where a certificate should have been renewed by now: less than a third of its time is left and less than three weeks; else 0. By its name.",
        new MetricTag("certificate"));

    public static readonly Metric MemoryFull = new(
        "sluice.edge.memory.full", MetricShape.Gauge, "{edge}", "1 while new requests are refused because the process has used most of the memory that it may have; else 0.");

    public static readonly Metric MemoryRefused = new(
        "sluice.edge.memory.refused", MetricShape.Counter, "{request}", "Requests that were answered 503 for that.");

    /// <summary>All of them, in the order of the page.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        Revision, RevisionAge, OldRevisions, OldestRevision, InFlight, Duration, StaleAnswers, Waiting, LeaseLeft, LeaseLapsed, Activations, Preparations, CompileTime,
        Fetches, FetchedBytes, KnownGoodWrites, UsageWaiting, AccountCalls, Overdraft, StreamsCut, Retries, TargetsEjected, TargetsResting, SecretUses,
        UpstreamRetries, UpstreamRetriesDenied, UpstreamRefusals, UpstreamEjections, UpstreamEjected, UpstreamAddresses, Mirrored, BodiesHeld, BodiesRefused, SplitDuration, SplitFailures, CacheAnswers, CacheSize, CacheSaved,
        UsageLost, CallsWaiting, CallsLogged, CallsDropped, BodiesLogged, BodiesDropped,
        JournalBytes, JournalLost, Handshakes, CertificateEnds, CertificateDue, MemoryFull, MemoryRefused,
    ];
}
