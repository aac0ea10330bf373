using System.Collections.Immutable;
using System.Net;
using DnsClient;
using DnsClient.Protocol;
using Sluice.Revisions.Outbound;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams.Discovery;

/// <summary>
/// Asks the domain name system, again each time that an answer's time to live is over, within the declared bounds. That a name is not there, or has no addresses, is no answer:
/// what was known stays. Of a service (RFC 2782) those of the best priority are told, with their weights.
/// </summary>
internal sealed class DnsSource(DnsDiscovery discovery, AddressGuard guard, TimeProvider time) : IAddressSource
{
    private const int MostHosts = 256;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);

    // Each host's addresses of a family, as it was answered last: a family that is not answered keeps what it had.
    private readonly Dictionary<(string Host, QueryType Type), ImmutableArray<IPAddress>> _known = [];

    public async Task RunAsync(Action<ImmutableArray<FoundAddress>> found, CancellationToken cancellation)
    {
        var client = Connect();
        while (true)
        {
            var (addresses, life) = discovery.Port is { } port ? await FindAsync(client, discovery.Name, port, 1, discovery.Name, cancellation) : await FindServiceAsync(client, cancellation);
            found(addresses);
            await Task.Delay(life < discovery.Least ? discovery.Least : life > discovery.Most ? discovery.Most : life, time, cancellation);
        }
    }

    private LookupClient Connect()
    {
        var options = discovery.Servers is null ? new LookupClientOptions() : new LookupClientOptions([.. discovery.Servers.Split(',').Select(Server)]);
        options.UseCache = false;
        options.Timeout = Bound;
        options.Retries = 1;
        options.ThrowDnsErrors = false;
        return new LookupClient(options);
    }

    private NameServer Server(string text)
    {
        var place = DnsDiscovery.TryReadServer(text, out var server) ? server : throw new DiscoveryException($"'{text}' is no name server");
        return guard.RefusalOf(place.Address, place.Port, isPlain: true) is { } refusal ? throw new DiscoveryException($"the name server {text} is not asked: {refusal}") : new NameServer(place);
    }

    private async Task<(ImmutableArray<FoundAddress> Addresses, TimeSpan Life)> FindServiceAsync(LookupClient client, CancellationToken cancellation)
    {
        var answer = await AskAsync(client, discovery.Name, QueryType.SRV, cancellation) ?? throw new DiscoveryException("the name servers did not answer");
        var records = answer.Answers.SrvRecords().Where(r => r.Target.Value is not "." && r.Port > 0).ToList();
        if (answer.HasError || records.Count == 0)
        {
            throw new DiscoveryException(answer.HasError ? answer.ErrorMessage : "the name has no records of a service");
        }

        var best = records.Min(r => r.Priority);
        var (all, life) = (ImmutableArray.CreateBuilder<FoundAddress>(), LifeOf(answer));
        foreach (var record in records.Where(r => r.Priority == best).Take(MostHosts))
        {
            var host = record.Target.Value.TrimEnd('.');
            var (addresses, shorter) = await FindAsync(client, host, record.Port, Math.Max(1, (int)record.Weight), host, cancellation);
            all.AddRange(addresses);
            life = shorter < life ? shorter : life;
        }

        return (all.ToImmutable(), life);
    }

    private async Task<(ImmutableArray<FoundAddress> Addresses, TimeSpan Life)> FindAsync(LookupClient client, string name, int port, int weight, string host, CancellationToken cancellation)
    {
        var (all, life, wrong) = (ImmutableArray.CreateBuilder<IPAddress>(), TimeSpan.MaxValue, "the name servers did not answer");
        QueryType[] types = discovery.Family switch { AddressFamilies.Ipv4 => [QueryType.A], AddressFamilies.Ipv6 => [QueryType.AAAA], _ => [QueryType.A, QueryType.AAAA] };
        foreach (var type in types)
        {
            var answer = await AskAsync(client, name, type, cancellation);
            if (answer is { HasError: false })
            {
                _known[(name, type)] = [.. answer.Answers.AddressRecords().Select(r => r.Address)];
                life = LifeOf(answer) is var told && told < life ? told : life;
            }
            else
            {
                wrong = answer?.ErrorMessage ?? wrong;
            }

            all.AddRange(_known.GetValueOrDefault((name, type), []));
        }

        return life == TimeSpan.MaxValue || all.Count == 0
            ? throw new DiscoveryException(life == TimeSpan.MaxValue ? wrong : $"'{name}' has no address")
            : ([.. all.Select(address => discovery.Form.At(address, port, weight, host))], life);
    }

    // Null: nobody answered.
    private async Task<IDnsQueryResponse?> AskAsync(LookupClient client, string name, QueryType type, CancellationToken cancellation)
    {
        try
        {
            return await client.QueryAsync(new DnsQuestion($"{name}.", type), cancellation).WaitAsync(Bound * 3, time, cancellation);
        }
        catch (Exception e) when (e is DnsResponseException or TimeoutException && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static TimeSpan LifeOf(IDnsQueryResponse answer) => answer.Answers.Count == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(answer.Answers.Min(r => (long)r.InitialTimeToLive));
}
