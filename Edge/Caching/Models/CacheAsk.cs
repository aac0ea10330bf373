using System.Security.Cryptography;
using System.Text;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Caching.Models;

/// <summary>
/// By what a cache knows one attempt at a model, and what it takes of the answer: the bytes as the provider sends them. Only an answer that came whole, ended by itself and was not held
/// back is kept. See docs/caching.md, "Answers of models".
/// </summary>
internal sealed class CacheAsk
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private readonly CacheResource _declared;
    private readonly KeptFor _whom;
    private readonly string? _target;
    private readonly string _tenant;
    private readonly long _purges;
    private UnderWay.Lead? _lead;
    private MemoryStream? _taken;
    private bool _isTooLarge;

    private CacheAsk(NamedCache cache, CacheResource declared, in KeptFor whom, string? target, string tenant, in RequestWish said)
    {
        (Cache, _declared, _whom, _target, _tenant, Said, _purges) = (cache, declared, whom, target, tenant, said, cache.Answers.Purges);
        _isTooLarge = target is null || said.IsNotKept;
    }

    /// <summary>What keeps it.</summary>
    public NamedCache Cache { get; }

    /// <summary>What the request asks of caches.</summary>
    public RequestWish Said { get; }

    /// <summary>Why nothing is looked for, as <c>Cache-Status</c> says it; null: it is.</summary>
    public string? Bypass => Said.IsNotKept ? "request" : _target is null ? "bypass" : null;

    /// <summary>Whether a cache may know what is asked for: an answer, or embeddings.</summary>
    public static bool IsOf(ModelOperation operation) => operation is ModelOperation.Chat or ModelOperation.Embeddings;

    /// <summary>Of an attempt.</summary>
    /// <param name="cache">What keeps answers.</param>
    /// <param name="arrival">The request.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="call">As it was matched.</param>
    /// <param name="body">What the provider is sent.</param>
    public static CacheAsk Of(NamedCache cache, in Arrival arrival, Caller caller, ModelCall call, ReadOnlyMemory<byte> body)
    {
        var (model, provider) = (call.Matched.Model, call.Matched.Target.Provider);
        var declared = model.Cache!;
        var said = RequestWish.Of(arrival.Http.Request.Headers);
        var whom = new KeptFor(model.Resource, provider, declared, Sharer.TenantOf(declared.Per, caller.Identity), Sharer.Of(declared.Per, caller.Identity));
        return new CacheAsk(cache, declared, whom, said.IsNotKept ? null : TargetOf(arrival, call, body), caller.Identity.Tenant, said);
    }

    /// <summary>Whether the answer is another tenant's: what a client is told of it must not tell of that.</summary>
    public bool IsOfAnother(StoredAnswer kept) => !string.Equals(kept.Said!.Tenant, _tenant, StringComparison.Ordinal);

    /// <summary>How long it waits for another one that asks for the same.</summary>
    public TimeSpan WaitForSame => _declared.WaitForSame ?? Wait;

    /// <summary>What is kept of it.</summary>
    public Found Find(TimeProvider time) => _target is null ? default : Cache.Answers.Find(_target, _whom, request: null, time.GetTimestamp());

    /// <summary>Begins to ask, so that others may wait; false: another one asks for the same.</summary>
    public bool TryLead(UnderWay all, out UnderWay.Lead lead)
    {
        var isFirst = all.TryLead(_target!, _whom, out lead);
        _lead = isFirst ? lead : null;
        return isFirst;
    }

    /// <summary>Whether a kept answer may be given though the provider fails.</summary>
    public bool TakesStale(StoredAnswer kept, TimeSpan age) => !Said.NoCache && kept.Life.IfError > TimeSpan.Zero && age - kept.Life.Fresh <= kept.Life.IfError;

    /// <summary>Takes bytes of the provider's answer as they come.</summary>
    public void Take(ReadOnlySpan<byte> came)
    {
        if (_isTooLarge)
        {
            return;
        }

        _taken ??= new MemoryStream();
        if (_taken.Length + came.Length > _declared.LargestAnswer)
        {
            (_isTooLarge, _taken) = (true, null);
            _lead?.End(LeadEnd.Unkept);
            return;
        }

        _taken.Write(came);
    }

    /// <summary>The attempt has ended: keeps its answer, where it is to be kept, and tells those who wait for it.</summary>
    /// <param name="call">As it was matched.</param>
    /// <param name="isStream">Whether it came as events.</param>
    /// <param name="settlement">What came of it.</param>
    /// <param name="time">The time.</param>
    public void Keep(ModelCall call, bool isStream, in Settlement settlement, TimeProvider time)
    {
        if (_target is not { } target || Said.IsNotKept || settlement is not { Status: 200, IsCut: false, Source: UsageSource.Reported or UsageSource.Estimated })
        {
            return;
        }

        var bytes = _taken?.ToArray() ?? [];
        _taken = null;
        if (bytes.Length == 0 || !KeptSpeech.IsWhole(call, bytes, isStream))
        {
            // The next one of the same is likely to be such a one too.
            if (Find(time).Answer is null)
            {
                Cache.Answers.Pass(target, _whom, time);
            }

            _lead?.End(LeadEnd.Unkept);
            return;
        }

        var life = new AnswerLife(IsKept: true, _declared.Age!.Value, TimeSpan.Zero, _declared.StaleIfError, MayBeStale: false);
        Cache.Answers.Put(
            target,
            _whom,
            new StoredAnswer(settlement.Status, [], bytes, life) { At = time.GetTimestamp(), Said = new SaidAnswer(_tenant, isStream, settlement.Tokens, settlement.IsBatch) },
            _purges);
        _lead?.End(LeadEnd.Kept);
    }

    // Providers of one dialect read its own headers; those of others are not sent them.
    private static string? TargetOf(in Arrival arrival, ModelCall call, ReadOnlyMemory<byte> body)
    {
        using var form = new PooledBytes(body.Length + 256);
        form.Add(call.Operation is ModelOperation.Chat ? "c"u8 : "e"u8);
        CanonicalBody.WriteText(Encoding.UTF8.GetBytes(call.Matched.Target.Label), form);
        CanonicalBody.WriteText(call.Matched.SentName.Span, form);
        if (call.Embeddings is { } ways)
        {
            // The same bytes may be asked by several ways, and each is answered in its own form.
            CanonicalBody.WriteText(Encoding.UTF8.GetBytes(ways.Sent), form);
        }

        if (!call.IsTranslated)
        {
            foreach (var (name, values) in arrival.Http.Request.Headers.Where(header => call.Provider.IsOwnHeader(header.Key)).OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase))
            {
                CanonicalBody.WriteText(Encoding.UTF8.GetBytes(name.ToLowerInvariant()), form);
                CanonicalBody.WriteText(Encoding.UTF8.GetBytes(values.ToString()), form);
            }
        }

        return CanonicalBody.TryWrite(body, stores: call.Provider == DialectTable.Responses, form) ? Convert.ToHexStringLower(SHA256.HashData(form.Span)) : null;
    }
}
