using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Certificates;

/// <summary>Which certificate answers for which host: an exact name, else a wildcard of its parent. Immutable; a look-up allocates nothing.</summary>
public sealed class ServerNames<T>
    where T : class
{
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _wild;

    private ServerNames(Dictionary<string, T> exact, Dictionary<string, T> wild, T? standard)
    {
        _exact = exact.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _wild = wild.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        Default = standard;
    }

    /// <summary>For those who name no host; null: they get none.</summary>
    public T? Default { get; }

    /// <summary>Puts them in order; two for one host, or two defaults, are told in <paramref name="errors"/>, and the first stays.</summary>
    public static ServerNames<T> Build(IEnumerable<(CertificateResource Resource, ImmutableArray<string> Hosts, T Value)> certificates, ICollection<FieldError> errors)
    {
        var (exact, wild) = (new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase), new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase));
        var owners = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        (string Name, T Value)? standard = null;
        foreach (var (resource, hosts, value) in certificates)
        {
            foreach (var host in hosts)
            {
                if (!owners.TryAdd(host, resource.Name))
                {
                    errors.Add(new FieldError($"{resource.Kind}/{resource.Name}: hosts", $"'{host}' is served by {resource.Kind} '{owners[host]}' too; name in hosts whom each of the two is for"));
                }
                else if (host.StartsWith("*.", StringComparison.Ordinal))
                {
                    wild.Add(host[2..], value);
                }
                else
                {
                    exact.Add(host, value);
                }
            }

            if (resource.IsDefault && standard is { } first)
            {
                errors.Add(new FieldError($"{resource.Kind}/{resource.Name}: default", $"{resource.Kind} '{first.Name}' is the default too; one of them can be"));
            }
            else if (resource.IsDefault)
            {
                standard = (resource.Name, value);
            }
        }

        return new ServerNames<T>(exact, wild, standard?.Value);
    }

    /// <summary>The one for a host as a client writes it; null: there is none. Empty: <see cref="Default"/>.</summary>
    public T? Find(ReadOnlySpan<char> host)
    {
        if (host.IsEmpty)
        {
            return Default;
        }

        host = host[^1] == '.' ? host[..^1] : host;
        return _exact.TryGetValue(host, out var found) || (host.IndexOf('.') is > 0 and var dot && _wild.TryGetValue(host[(dot + 1)..], out found)) ? found : null;
    }
}
