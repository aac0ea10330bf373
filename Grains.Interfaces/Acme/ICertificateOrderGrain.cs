using Orleans.Concurrency;

namespace Sluice.Grains.Interfaces.Acme;

/// <summary>
/// How one declared certificate is obtained from its authority and renewed (RFC 8555); key: <c>workspace|certificate</c>. It promises: what the authority will ask for is stored, and answered
/// to every edge, before the authority is told to ask; and a kill at any moment costs at most the repetition of one step. Described in docs/certificates.md.
/// </summary>
[Alias("sluice.certificate-order")]
public interface ICertificateOrderGrain : IEdgeCertificateOrderGrain
{
    /// <summary>Does the next step, where one is due. Answers when to look again; null: no such certificate is declared, and nothing is left of it.</summary>
    [Alias("look"), ResponseTimeout("00:02:00")]
    Task<DateTimeOffset?> LookAsync();

    /// <summary>How it stands.</summary>
    [Alias("get"), AlwaysInterleave]
    Task<CertificateOrderStatus> GetAsync();

    /// <summary>Asks for a new certificate at the next look, whatever is there, and however often it failed.</summary>
    [Alias("renew")]
    Task RenewAsync();
}

/// <summary>What an edge may ask of an <see cref="ICertificateOrderGrain"/>.</summary>
[EdgeCallable, Alias("sluice.certificate-order-edge")]
public interface IEdgeCertificateOrderGrain : IGrainWithStringKey
{
    /// <summary>What <c>/.well-known/acme-challenge/TOKEN</c> is answered on a host (RFC 8555, section 8.3); null: nothing was asked for of this token and host.</summary>
    [Alias("answer"), AlwaysInterleave]
    Task<string?> FindAnswerAsync(string host, string token);
}

/// <summary>Sees to it that every certificate of a workspace that names an authority is looked after; its key is the workspace's name.</summary>
[Alias("sluice.certificate-orders")]
public interface ICertificateOrdersGrain : IGrainWithStringKey
{
    /// <summary>Makes sure that it goes on after its silo was lost. Asks storage for nothing while it is there.</summary>
    [Alias("wake"), AlwaysInterleave]
    Task WakeAsync();

    /// <summary>The active revision may be another one: looks at what it declares.</summary>
    [Alias("changed"), AlwaysInterleave]
    Task ChangedAsync();

    /// <summary>Obtains a new certificate now, whatever is there. False: no such certificate is obtained from an authority.</summary>
    [Alias("renew"), AlwaysInterleave]
    Task<bool> RenewAsync(string certificate);
}

/// <summary>The account at one authority; key: <c>workspace|authority</c>. It promises that there is one account a directory, whoever asks for it first.</summary>
[Alias("sluice.authority-account")]
public interface IAuthorityAccountGrain : IGrainWithStringKey
{
    /// <summary>The account at the directory that is declared now; made where there is none. Throws where the authority refuses.</summary>
    [Alias("use"), ResponseTimeout("00:01:30")]
    Task<AccountAnswer> UseAsync();

    /// <summary>The authority does not know this account any more.</summary>
    [Alias("forget")]
    Task ForgetAsync(string account);
}

/// <summary>An account, or why there is none: exactly one of the two is set.</summary>
/// <param name="Account">To be used.</param>
/// <param name="Error">For people.</param>
/// <param name="RetryAfter">For how long the authority wants to be left alone.</param>
[GenerateSerializer, Immutable, Alias("sluice.account-answer")]
public sealed record AccountAnswer([property: Id(0)] AuthorityAccount? Account, [property: Id(1)] string? Error, [property: Id(2)] TimeSpan? RetryAfter);

/// <summary>An account at an authority.</summary>
/// <param name="Directory">Of the authority.</param>
/// <param name="Url">Its name there.</param>
/// <param name="SealedKey">Its private key, sealed.</param>
[GenerateSerializer, Immutable, Alias("sluice.authority-account-record")]
public sealed record AuthorityAccount([property: Id(0)] string Directory, [property: Id(1)] string Url, [property: Id(2)] string SealedKey)
{
    public override string ToString() => Url;
}

/// <summary>How the obtaining of a certificate stands.</summary>
/// <param name="Authority">From whom.</param>
/// <param name="State">What is done next.</param>
/// <param name="Attempts">How often it failed since the last success.</param>
/// <param name="NextAt">When something is done next; null: now.</param>
/// <param name="Error">Why the last attempt failed; null: it did not.</param>
/// <param name="FailedAt">When.</param>
[GenerateSerializer, Immutable, Alias("sluice.certificate-order-status")]
public sealed record CertificateOrderStatus(
    [property: Id(0)] string Authority,
    [property: Id(1)] OrderState State,
    [property: Id(2)] int Attempts,
    [property: Id(3)] DateTimeOffset? NextAt,
    [property: Id(4)] string? Error,
    [property: Id(5)] DateTimeOffset? FailedAt);

/// <summary>How far an order is. Members are only ever added.</summary>
public enum OrderState
{
    /// <summary>None is under way: one is made when it is due.</summary>
    Waiting = 0,

    /// <summary>Made; what is to be proved is asked for.</summary>
    Ordered = 1,

    /// <summary>What the authority will ask for is answered, and it is told to ask.</summary>
    Proving = 2,

    /// <summary>All is proved; the key is there, and the certificate is asked for.</summary>
    Finalizing = 3,

    /// <summary>The certificate is there, and is published.</summary>
    Publishing = 4,
}
