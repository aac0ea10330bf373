using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Acme;

namespace Sluice.Grains.Acme;

/// <summary>What is proved to an authority of one host.</summary>
/// <param name="Host">Lower case.</param>
/// <param name="Url">Of the authorization.</param>
/// <param name="Challenge">Where the authority is told to ask; null: this host is proved already.</param>
/// <param name="Token">For which it will ask.</param>
/// <param name="Answer">What it is answered.</param>
internal sealed record StoredProof(string Host, string Url, string? Challenge, string Token, string Answer);

/// <summary>What is stored of how a certificate is obtained, and the moves of it. Plain rules; the shell is <see cref="CertificateOrderGrain"/>.</summary>
/// <param name="State">What is done next.</param>
/// <param name="Declared">Tells one declaration of certificate and authority from another; null: none was seen.</param>
/// <param name="Authority">Directory that the order is at, or the last certificate came from.</param>
/// <param name="Url">The order.</param>
/// <param name="Proofs">What is answered to the authority.</param>
/// <param name="SealedKey">The key of the certificate to be, stored before the authority hears of it.</param>
/// <param name="Chain">The certificate and those between it and the root, as PEM.</param>
/// <param name="PublishId">By which it is published once.</param>
/// <param name="Since">Since when <paramref name="State"/> is as it is.</param>
/// <param name="Attempts">How often it failed since the last success.</param>
/// <param name="NextAt">When something is done next; null: when it is due.</param>
/// <param name="Error">Of the last attempt.</param>
/// <param name="FailedAt">When.</param>
/// <param name="ObtainedAt">When the last one was obtained.</param>
/// <param name="IsAsked">Whether somebody asked for one though none is due.</param>
internal sealed record StoredOrder(
    OrderState State,
    string? Declared,
    string? Authority,
    string? Url,
    ImmutableArray<StoredProof> Proofs,
    string? SealedKey,
    string? Chain,
    string? PublishId,
    DateTimeOffset? Since,
    int Attempts,
    DateTimeOffset? NextAt,
    string? Error,
    DateTimeOffset? FailedAt,
    DateTimeOffset? ObtainedAt,
    bool IsAsked)
{
    // What an authority has not decided by then is given up.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public StoredOrder()
        : this(OrderState.Waiting, null, null, null, [], null, null, null, null, 0, null, null, null, null, false)
    {
    }

    /// <summary>Names the state, and no key.</summary>
    public override string ToString() => $"{State}";

    /// <summary>The declaration is another one: what failed under the old one counts no more, and an order under way is given up.</summary>
    public StoredOrder Declare(string declared) => string.Equals(Declared, declared, StringComparison.Ordinal) ? this : Stop() with { Declared = declared, Attempts = 0, NextAt = null };

    /// <summary>Somebody asks for a new one.</summary>
    public StoredOrder Ask() => this with { Attempts = 0, NextAt = null, IsAsked = State is OrderState.Waiting };

    /// <summary>The next state of an order that goes on.</summary>
    public StoredOrder Go(OrderState state, DateTimeOffset now) => this with { State = state, Since = now, NextAt = null };

    /// <summary>The same state for some time more.</summary>
    /// <param name="now">The present.</param>
    /// <param name="asked">As the authority asks for.</param>
    public StoredOrder Wait(DateTimeOffset now, TimeSpan? asked) => now - Since > Longest
        ? Fail("the authority did not decide within an hour", isPassing: false, null, now)
        : this with { NextAt = OrderDue.Poll(Since ?? now, now, asked) };

    /// <summary>A step failed.</summary>
    /// <param name="error">For people.</param>
    /// <param name="isPassing">Whether the same step may be good later; else the order is given up.</param>
    /// <param name="asked">For how long the authority wants to be left alone.</param>
    /// <param name="now">The present.</param>
    public StoredOrder Fail(string error, bool isPassing, TimeSpan? asked, DateTimeOffset now)
    {
        // An order does not live for ever at its authority; a certificate that is there waits to be published.
        var kept = isPassing && (State is OrderState.Publishing || Since is null || now - Since < Longest) ? this : Stop();
        return kept with { Attempts = Attempts + 1, Error = error, FailedAt = now, NextAt = OrderDue.Retry(Attempts + 1, now, asked), IsAsked = IsAsked };
    }

    /// <summary>It was obtained, and serves.</summary>
    public StoredOrder Obtained(DateTimeOffset now) => Stop() with { Attempts = 0, NextAt = null, Error = null, FailedAt = null, ObtainedAt = now, IsAsked = false };

    /// <summary>What the authority is answered; null: it has nothing to ask for here.</summary>
    public string? FindAnswer(string host, string token) =>
        Proofs.FirstOrDefault(p => string.Equals(p.Token, token, StringComparison.Ordinal) && string.Equals(p.Host, host, StringComparison.OrdinalIgnoreCase))?.Answer;

    private StoredOrder Stop() => this with { State = OrderState.Waiting, Url = null, Proofs = [], SealedKey = null, Chain = null, PublishId = null, Since = null };
}
