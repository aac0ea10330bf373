using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Acme;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Acme;

/// <summary>What is stored of an account.</summary>
/// <param name="Directory">Of the authority that it is at.</param>
/// <param name="SealedKey">Stored before the authority hears of it.</param>
/// <param name="Url">Its name there; null: it is to be made.</param>
/// <param name="Contacts">As the authority was told.</param>
internal sealed record StoredAccount(string? Directory, string? SealedKey, string? Url, ImmutableArray<string> Contacts)
{
    public StoredAccount()
        : this(null, null, null, [])
    {
    }

    public override string ToString() => Url ?? "none";
}

/// <summary>The account at one authority (RFC 8555, section 7.3). A key that was stored and not answered makes the same account at the next call: the authority knows it by its key.</summary>
[GrainType("authority-account")]
internal sealed class AuthorityAccountGrain : Grain, IAuthorityAccountGrain
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(80);

    private readonly Durable<StoredAccount> _state;
    private readonly Authorities _authorities;
    private readonly TimeProvider _time;
    private readonly ILogger<AuthorityAccountGrain> _log;
    private string _workspace = "";
    private string _name = "";

    public AuthorityAccountGrain([PersistentState("account")] IPersistentState<StoredAccount> state, Authorities authorities, TimeProvider time, ILogger<AuthorityAccountGrain> log) =>
        (_state, _authorities, _time, _log) = (new(this, state), authorities, time, log);

    /// <summary>What account keys are sealed as.</summary>
    public const string SealedAs = "AcmeAccount";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (_workspace, _name) = GrainKeys.Split(this.GetPrimaryKeyString()) is [var workspace, var name]
            ? (workspace, name)
            : throw new InvalidOperationException($"An account's key is workspace|authority, not '{this.GetPrimaryKeyString()}'.");
        return Task.CompletedTask;
    }

    public async Task<AccountAnswer> UseAsync()
    {
        try
        {
            using var bound = new CancellationTokenSource(Bound, _time);
            return new AccountAnswer(await EnsureAsync(await _authorities.FindAsync(_workspace, _name), bound.Token), null, null);
        }
        catch (AcmeException refused)
        {
            return new AccountAnswer(null, refused.Message, refused.RetryAfter);
        }
    }

    public Task ForgetAsync(string account) =>
        string.Equals(_state.Value.Url, account, StringComparison.Ordinal) ? _state.WriteAsync(_state.Value with { Url = null }) : Task.CompletedTask;

    private async Task<AuthorityAccount> EnsureAsync(CertificateAuthorityResource authority, CancellationToken cancellation)
    {
        var directory = authority.Directory.AbsoluteUri;
        if (!string.Equals(_state.Value.Directory, directory, StringComparison.Ordinal) || _state.Value.SealedKey is null)
        {
            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            await _state.WriteAsync(new StoredAccount(directory, await _authorities.SealAsync(_workspace, SealedAs, _name, made), null, []));
        }

        if (_state.Value.Url is null || !_state.Value.Contacts.AsSpan().SequenceEqual(authority.Contacts.AsSpan()))
        {
            using var key = await _authorities.UnsealAsync(_workspace, SealedAs, _name, _state.Value.SealedKey!);
            using var session = await _authorities.OpenAsync(_workspace, authority, cancellation);
            var url = _state.Value.Url is { } known ? await TellContactsAsync(session, key, known, authority, cancellation) : await MakeAsync(session, key, authority, cancellation);
            await _state.WriteAsync(_state.Value with { Url = url, Contacts = authority.Contacts });
        }

        return new AuthorityAccount(directory, _state.Value.Url!, _state.Value.SealedKey!);
    }

    private async Task<string> MakeAsync(AcmeSession session, ECDsa key, CertificateAuthorityResource authority, CancellationToken cancellation)
    {
        if (session.Directory.Meta is { TermsOfService: { } terms } && !authority.TermsAgreed)
        {
            throw new AcmeException($"the authority asks that its terms of service are agreed to: read {terms}, and set termsAgreed: true", isPassing: true);
        }

        var account = Contacts(authority);
        if (authority.TermsAgreed)
        {
            account["termsOfServiceAgreed"] = true;
        }

        var url = session.Directory.NewAccount!;
        if (authority.ExternalAccount is { } external)
        {
            account["externalAccountBinding"] = Jws.Bind(key, external.KeyId, await MacAsync(external), url);
        }
        else if (session.Directory.Meta is { ExternalAccountRequired: true })
        {
            throw new AcmeException("the authority wants an account of its own behind this one: set externalAccount to the key id and key that it gave", isPassing: true);
        }

        var made = await session.PostAsync(url, account.ToJsonString(), key, account: null, "it made no account", cancellation);
        _log.LogInformation("Account {Account} at {Authority} is there.", made.Location, authority.Name);
        return made.Location?.AbsoluteUri ?? throw new AcmeException("the authority made an account and did not say where (no Location)", isPassing: true);
    }

    private static async Task<string> TellContactsAsync(AcmeSession session, ECDsa key, string account, CertificateAuthorityResource authority, CancellationToken cancellation)
    {
        var url = new Uri(account);
        await session.PostAsync(url, Contacts(authority).ToJsonString(), key, url, "it did not take the contacts", cancellation);
        return account;
    }

    private static JsonObject Contacts(CertificateAuthorityResource authority) => new() { ["contact"] = new JsonArray([.. authority.Contacts.Select(contact => JsonValue.Create($"mailto:{contact}"))]) };

    private async Task<byte[]> MacAsync(ExternalAccount external)
    {
        var text = (await _authorities.SecretAsync(_workspace, external.Key)).Trim().TrimEnd('=');
        try
        {
            return Base64Url.DecodeFromChars(text.Replace('+', '-').Replace('/', '_'));
        }
        catch (FormatException failure)
        {
            throw new AcmeException($"the secret '{external.Key}' is no key: base64url is wanted, as the authority showed it", isPassing: true, failure);
        }
    }
}
