using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Sluice.Grains.Interfaces.Acme;
using Sluice.Revisions.Certificates;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Acme;

/// <summary>The steps of an order at its authority (RFC 8555, section 7.4). Each may be made again: what it finds done is not done twice.</summary>
/// <param name="session">With the authority.</param>
/// <param name="key">The account's.</param>
/// <param name="account">Its URL.</param>
/// <param name="time">The clock.</param>
internal sealed class OrderSteps(AcmeSession session, ECDsa key, Uri account, TimeProvider time)
{
    private const string Http01 = "http-01";

    /// <summary>Makes an order.</summary>
    public async Task<StoredOrder> OrderAsync(StoredOrder state, ImmutableArray<string> hosts, CancellationToken cancellation)
    {
        var payload = new JsonObject { ["identifiers"] = new JsonArray([.. hosts.Select(host => new JsonObject { ["type"] = "dns", ["value"] = host })]) };
        var answer = await session.PostAsync(session.Directory.NewOrder!, payload.ToJsonString(), key, account, "it took no order", cancellation);
        return answer.Location is { } url
            ? state.Go(OrderState.Ordered, time.GetUtcNow()) with { Url = url.AbsoluteUri }
            : throw new AcmeException("the authority took an order and did not say where it is (no Location)", isPassing: false);
    }

    /// <summary>Reads what is to be proved. When the state that this makes is stored, every edge answers it.</summary>
    public async Task<StoredOrder> ReadProofsAsync(StoredOrder state, CancellationToken cancellation)
    {
        var (order, _) = await ReadOrderAsync(state, cancellation);
        if (order.Status is "invalid")
        {
            throw Invalid(order);
        }

        var thumbprint = Jws.ThumbprintOf(key);
        var proofs = ImmutableArray.CreateBuilder<StoredProof>();
        foreach (var url in order.Authorizations.IsDefault ? [] : order.Authorizations)
        {
            var authorization = await ReadAsync<AcmeAuthorization>(url, cancellation);
            var host = authorization.Identifier.Value.ToLowerInvariant();
            if (authorization.Status is "valid")
            {
                proofs.Add(new StoredProof(host, url.AbsoluteUri, null, "", ""));
                continue;
            }

            // Tokens are base64url (section 8); another one would not be a path of one segment.
            if (HttpChallengeOf(authorization) is not { Url: { } challenge, Token: { } token } || token.Length is 0 or > 256 || token.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            {
                throw new AcmeException($"{host}: the authority offers no {Http01} challenge, by which the gateway proves its hosts", isPassing: false);
            }

            proofs.Add(new StoredProof(host, url.AbsoluteUri, challenge.AbsoluteUri, token, $"{token}.{thumbprint}"));
        }

        return state.Go(OrderState.Proving, time.GetUtcNow()) with { Proofs = proofs.ToImmutable() };
    }

    /// <summary>Tells the authority to ask, and looks whether it is content. True: it is, with everything.</summary>
    public async Task<bool> ProveAsync(StoredOrder state, CancellationToken cancellation)
    {
        var isAllProved = true;
        foreach (var proof in state.Proofs.Where(p => p.Challenge is not null))
        {
            var authorization = await ReadAsync<AcmeAuthorization>(new Uri(proof.Url), cancellation);
            var challenge = HttpChallengeOf(authorization);
            if (authorization.Status is not ("pending" or "valid"))
            {
                throw new AcmeException(
                    $"{proof.Host}: the authority does not take it as proved ({authorization.Status}), asking http://{proof.Host}/.well-known/acme-challenge/{proof.Token}: {challenge?.Error?.Tell() ?? "it does not say why"}",
                    isPassing: false);
            }

            if (authorization.Status is "pending" && challenge is { Status: "pending" })
            {
                await session.PostAsync(new Uri(proof.Challenge!), "{}", key, account, $"{proof.Host}: it did not take the challenge", cancellation);
            }

            isAllProved &= authorization.Status is "valid";
        }

        return isAllProved;
    }

    /// <summary>Asks for the certificate, and takes it once it is there.</summary>
    /// <param name="state">With the order.</param>
    /// <param name="own">The key of the certificate to be.</param>
    /// <param name="certificate">As declared.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<StoredOrder> FinalizeAsync(StoredOrder state, ECDsa own, CertificateResource certificate, CancellationToken cancellation)
    {
        var (order, retryAfter) = await ReadOrderAsync(state, cancellation);
        if (order is { Status: "ready", Finalize: { } finalize })
        {
            var payload = new JsonObject { ["csr"] = System.Buffers.Text.Base64Url.EncodeToString(RequestOf(own, certificate.Hosts)) };
            var answer = await session.PostAsync(finalize, payload.ToJsonString(), key, account, "it did not take the request for the certificate", cancellation);
            (order, retryAfter) = (answer.Read<AcmeOrder>(), answer.RetryAfter);
        }

        if (order.Status is "invalid")
        {
            throw Invalid(order);
        }

        if (order is not { Status: "valid", Certificate: { } url })
        {
            return state.Wait(time.GetUtcNow(), retryAfter);
        }

        var chain = Encoding.UTF8.GetString((await session.PostAsync(url, "", key, account, "the certificate could not be fetched", cancellation)).Body);
        Check(certificate, chain, own, time.GetUtcNow());
        return state.Go(OrderState.Publishing, time.GetUtcNow()) with { Chain = chain, PublishId = Guid.CreateVersion7(time.GetUtcNow()).ToString("N") };
    }

    /// <summary>What is published: the chain, and the key after it.</summary>
    public static string Pem(string chain, ECDsa own) => $"{chain.TrimEnd()}\n{own.ExportPkcs8PrivateKeyPem()}\n";

    private static void Check(CertificateResource certificate, string chain, ECDsa own, DateTimeOffset now)
    {
        var pem = Pem(chain, own);
        var (material, errors) = CertificateMaterial.Read(certificate with { Clients = null }, _ => pem);
        using var leaf = material?.Leaf;
        var wrong = material is null ? string.Join("; ", errors.Select(e => e.Message))
            : material.Hosts.Length < certificate.Hosts.Length ? $"it is not for {string.Join(", ", certificate.Hosts.Except(material.Hosts, StringComparer.Ordinal))}"
            : CertificateExpiry.FindWrong(material.Begins, material.Ends, now);
        if (wrong is not null)
        {
            throw new AcmeException($"the certificate that the authority gave cannot be used: {wrong}", isPassing: false);
        }
    }

    private static byte[] RequestOf(ECDsa own, ImmutableArray<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            names.AddDnsName(host);
        }

        var request = new CertificateRequest(new X500DistinguishedName(""), own, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSigningRequest();
    }

    private static AcmeChallenge? HttpChallengeOf(AcmeAuthorization authorization) =>
        authorization.Challenges.IsDefault ? null : authorization.Challenges.FirstOrDefault(c => string.Equals(c.Type, Http01, StringComparison.Ordinal));

    private static AcmeException Invalid(AcmeOrder order) => new($"the authority gave the order up: {order.Error?.Tell() ?? "it does not say why"}", isPassing: false);

    private async Task<(AcmeOrder Order, TimeSpan? RetryAfter)> ReadOrderAsync(StoredOrder state, CancellationToken cancellation)
    {
        var answer = await session.PostAsync(new Uri(state.Url!), "", key, account, "the order could not be read", cancellation);
        return (answer.Read<AcmeOrder>(), answer.RetryAfter);
    }

    private async Task<T> ReadAsync<T>(Uri url, CancellationToken cancellation) => (await session.PostAsync(url, "", key, account, "what is to be proved could not be read", cancellation)).Read<T>();
}
