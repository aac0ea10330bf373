using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Acme;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Certificates;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Acme;

/// <summary>
/// The shell around <see cref="StoredOrder"/> and <see cref="OrderSteps"/>: a look does one step and stores what came of it. What the authority will ask for is stored before the authority is told
/// to ask, and the certificate is published by an id that was stored before, so that a kill between any two steps costs the repetition of one.
/// </summary>
[GrainType("certificate-order")]
internal sealed class CertificateOrderGrain : Grain, ICertificateOrderGrain
{
    private const string SealedAs = "AcmeCertificate";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(100);

    private readonly Durable<StoredOrder> _state;
    private readonly Authorities _authorities;
    private readonly AcmeMeter _meter;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateOrderGrain> _log;
    private string _workspace = "";
    private string _name = "";

    public CertificateOrderGrain([PersistentState("order")] IPersistentState<StoredOrder> state, Authorities authorities, AcmeMeter meter, TimeProvider time, ILogger<CertificateOrderGrain> log) =>
        (_state, _authorities, _meter, _time, _log) = (new(this, state), authorities, meter, time, log);

    private ICatalogGrain Catalog => GrainFactory.GetGrain<ICatalogGrain>(_workspace);

    private DateTimeOffset Now => _time.GetUtcNow();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (_workspace, _name) = GrainKeys.Split(this.GetPrimaryKeyString()) is [var workspace, var name]
            ? (workspace, name)
            : throw new InvalidOperationException($"An order's key is workspace|certificate, not '{this.GetPrimaryKeyString()}'.");
        return Task.CompletedTask;
    }

    public Task<string?> FindAnswerAsync(string host, string token) => Task.FromResult(_state.Value.FindAnswer(host, token));

    public Task<CertificateOrderStatus> GetAsync() =>
        Task.FromResult(new CertificateOrderStatus(_state.Value.Authority ?? "", _state.Value.State, _state.Value.Attempts, _state.Value.NextAt, _state.Value.Error, _state.Value.FailedAt));

    public Task RenewAsync() => _state.WriteAsync(_state.Value.Ask());

    public async Task<DateTimeOffset?> LookAsync()
    {
        if (await DeclaredAsync() is not var (certificate, authority, declared))
        {
            await _state.ClearAsync();
            DeactivateOnIdle();
            return null;
        }

        var state = _state.Value.Declare(declared);
        if (!ReferenceEquals(state, _state.Value))
        {
            await _state.WriteAsync(state with { Authority = authority.Name });
        }

        if (_state.Value.NextAt > Now)
        {
            return _state.Value.NextAt;
        }

        if (_state.Value is { State: OrderState.Waiting, IsAsked: false } && await DueAsync(certificate) is var due && due > Now)
        {
            return due;
        }

        await _state.WriteAsync(await TryAsync(certificate, authority));
        return _state.Value.NextAt ?? Now;
    }

    private async Task<StoredOrder> TryAsync(CertificateResource certificate, CertificateAuthorityResource authority)
    {
        try
        {
            using var bound = new CancellationTokenSource(Bound, _time);
            return _state.Value.State is OrderState.Publishing ? await PublishAsync(authority) : await StepAsync(certificate, authority, bound.Token);
        }
        catch (AcmeException failure)
        {
            return Fail(failure.Message, failure.IsPassing, failure.RetryAfter);
        }
        catch (Exception failure) when (failure is TimeoutException or OperationCanceledException or CryptographicException or CatalogMovedException or OrleansException)
        {
            return Fail($"the step could not be brought to its end: {failure.GetType().Name}: {failure.Message}", isPassing: failure is not CryptographicException, null);
        }
    }

    private StoredOrder Fail(string error, bool isPassing, TimeSpan? retryAfter)
    {
        _log.LogWarning("Certificate {Certificate} could not be obtained, and is tried again: {Reason}", _name, error);
        _meter.Count(AcmeMetrics.Failed);
        return _state.Value.Fail(error, isPassing, retryAfter, Now);
    }

    private async Task<StoredOrder> StepAsync(CertificateResource certificate, CertificateAuthorityResource authority, CancellationToken cancellation)
    {
        var accounts = GrainFactory.GetGrain<IAuthorityAccountGrain>(GrainKeys.Join(_workspace, authority.Name));
        var answer = await accounts.UseAsync();
        if (answer.Account is not { } account)
        {
            return Fail(answer.Error!, isPassing: true, answer.RetryAfter);
        }

        using var key = await _authorities.UnsealAsync(_workspace, AuthorityAccountGrain.SealedAs, authority.Name, account.SealedKey);
        using var session = await _authorities.OpenAsync(_workspace, authority, cancellation);
        var steps = new OrderSteps(session, key, new Uri(account.Url), _time);
        var state = _state.Value;
        try
        {
            return state.State switch
            {
                OrderState.Waiting => await steps.OrderAsync(state, certificate.Hosts, cancellation),
                OrderState.Ordered => await steps.ReadProofsAsync(state, cancellation),
                OrderState.Proving => await steps.ProveAsync(state, cancellation) ? await WithKeyAsync(state) : state.Wait(Now, null),
                _ => await FinalizeAsync(steps, state, certificate, cancellation),
            };
        }
        catch (AcmeException refused) when (refused.Problem is { Name: "accountDoesNotExist" })
        {
            await accounts.ForgetAsync(account.Url);
            throw;
        }
    }

    private async Task<StoredOrder> WithKeyAsync(StoredOrder state)
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return state.Go(OrderState.Finalizing, Now) with { SealedKey = await _authorities.SealAsync(_workspace, SealedAs, _name, made) };
    }

    private async Task<StoredOrder> FinalizeAsync(OrderSteps steps, StoredOrder state, CertificateResource certificate, CancellationToken cancellation)
    {
        using var own = await _authorities.UnsealAsync(_workspace, SealedAs, _name, state.SealedKey!);
        return await steps.FinalizeAsync(state, own, certificate, cancellation);
    }

    private async Task<StoredOrder> PublishAsync(CertificateAuthorityResource authority)
    {
        var state = _state.Value;
        using var own = await _authorities.UnsealAsync(_workspace, SealedAs, _name, state.SealedKey!);
        using var leaf = X509Certificate2.CreateFromPem(state.Chain!);
        var secret = CertificateResource.ObtainedSecret(_name);
        var reason = string.Create(CultureInfo.InvariantCulture, $"certificate {_name} obtained from {authority.Name}: serial {leaf.SerialNumber}, ends {leaf.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC");
        var outcome = await Catalog.PublishAsync(new PublishRequest(
            [JsonSerializer.SerializeToUtf8Bytes(new { kind = SecretResource.KindName, name = secret, value = OrderSteps.Pem(state.Chain!, own) })],
            [],
            Prune: false,
            IfMatch: null,
            DryRun: false,
            new Author(Owners.Acme, Owners.Acme, ""),
            reason,
            state.PublishId,
            Owner: Owners.Acme));
        switch (outcome)
        {
            case PublishOutcome.Published or PublishOutcome.Unchanged:
                _log.LogInformation("Certificate {Certificate} is obtained from {Authority}, and serves.", _name, authority.Name);
                _meter.Count(AcmeMetrics.Obtained);
                return state.Obtained(Now);
            case PublishOutcome.OwnedByOthers owned:
                throw new AcmeException($"the certificate is there, and cannot be published: the secret '{secret}' belongs to {owned.Resources[0].Owner}; delete it", isPassing: true);
            case PublishOutcome.Invalid invalid:
                throw new AcmeException($"the certificate is there, and cannot be published: {string.Join("; ", invalid.Errors.Select(e => $"{e.Path} {e.Message}"))}", isPassing: true);
            case PublishOutcome.Refused refused:
                throw new AcmeException($"the certificate is there, and edge {refused.Edge} refused it: {refused.Refusal.Message}", isPassing: false);
            default:
                throw new AcmeException($"the certificate is there, and cannot be published now: {outcome.GetType().Name}", isPassing: true);
        }
    }

    // At the present: it lacks something.
    private async Task<DateTimeOffset> DueAsync(CertificateResource certificate)
    {
        var secret = CertificateResource.ObtainedSecret(_name);
        var pem = await _authorities.FindSecretAsync(_workspace, secret);
        var (material, _) = CertificateMaterial.Read(certificate with { Clients = null }, _ => pem);
        using var leaf = material?.Leaf;
        return material is null || material.Hosts.Length < certificate.Hosts.Length ? Now : OrderDue.Renewal(_name, material.Begins, material.Ends, _state.Value.ObtainedAt);
    }

    private async Task<(CertificateResource Certificate, CertificateAuthorityResource Authority, string Declared)?> DeclaredAsync()
    {
        if (await Catalog.GetResourceAsync(CertificateResource.KindName, _name) is not { } body || ResourceReader.Read(body.Json).Resource is not CertificateResource { Authority: { } name } certificate
            || await Catalog.GetResourceAsync(CertificateAuthorityResource.KindName, name) is not { } other || ResourceReader.Read(other.Json).Resource is not CertificateAuthorityResource authority)
        {
            return null;
        }

        return (certificate, authority, $"{body.Hash} {other.Hash}");
    }
}
