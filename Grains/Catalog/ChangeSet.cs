using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Sealing;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Catalog;

/// <summary>A publish request whose resources have been told apart; what it makes of a revision is decided by <see cref="Apply"/>. Plain rules.</summary>
public sealed class ChangeSet
{
    private readonly ImmutableArray<byte[]> _put;
    private readonly ImmutableArray<ResourceKey> _delete;
    private readonly bool _prune;
    private readonly ImmutableArray<InputResult> _inputs;
    private readonly List<FieldError> _errors = [];

    private ChangeSet(PublishRequest request)
    {
        _put = request.Put.IsDefault ? [] : request.Put;
        _delete = request.Delete.IsDefault ? [] : request.Delete;
        _prune = request.Prune;
        _inputs = [.. _put.Select(json => ResourceReader.ReadInput(json))];
    }

    /// <summary>True where values are to be sealed.</summary>
    public bool HasSecrets => _inputs.Any(i => i.SecretValue is not null);

    /// <summary>Reads which resources a request names.</summary>
    public static ChangeSet Read(PublishRequest request) => new(request);

    /// <summary>Applies the changes to a revision and checks the whole.</summary>
    /// <param name="before">The resources of the revision that is changed.</param>
    /// <param name="workspace">To which secrets are bound.</param>
    /// <param name="keyring">Not null where <see cref="HasSecrets"/>.</param>
    public Candidate Apply(ImmutableArray<ResourceBody> before, string workspace, Keyring? keyring)
    {
        _errors.Clear();
        if (_prune && _put.IsEmpty)
        {
            return Candidate.Refused(new FieldError("", "a bundle with nothing in it would remove every resource: name what shall stay, or delete resources by name"));
        }

        var old = before.ToDictionary(r => new ResourceKey(r.Kind, r.Name));
        var named = new HashSet<ResourceKey>();
        var result = _prune ? [] : new Dictionary<ResourceKey, ResourceBody>(old);
        foreach (var key in _delete)
        {
            Name(named, key);
            if (!result.Remove(key) && !old.ContainsKey(key))
            {
                var near = Names.Suggest(key.Name, old.Keys.Where(k => string.Equals(k.Kind, key.Kind, StringComparison.Ordinal)).Select(k => k.Name));
                _errors.Add(new FieldError(key.ToString(), $"cannot be deleted: there is no such resource{near}"));
            }
        }

        for (var i = 0; i < _put.Length; i++)
        {
            if (_inputs[i] is { Key: { } key, Errors.IsEmpty: true } input)
            {
                Name(named, key);
                var read = ResourceReader.Read(input.SecretValue is { } value ? Seal(old, key, value, workspace, keyring!) : _put[i]);
                _errors.AddRange(read.Errors);
                if (read.Body is { } body)
                {
                    result[key] = body;
                }
            }
            else
            {
                // Where a resource has no name yet, its place in the request says which one it is.
                var place = _inputs[i].Key is null ? string.Create(CultureInfo.InvariantCulture, $"[{i}] ") : "";
                _errors.AddRange(_inputs[i].Errors.Select(e => e with { Path = $"{place}{e.Path}".TrimEnd() }));
            }
        }

        return _errors.Count > 0 ? Candidate.Refused([.. _errors]) : Candidate.Check(before, result.Values);
    }

    private void Name(HashSet<ResourceKey> named, ResourceKey key)
    {
        if (!named.Add(key))
        {
            _errors.Add(new FieldError(key.ToString(), "is named twice in this change: name it once"));
        }
    }

    // The same value keeps its sealed form, for every sealing differs: what changes nothing shall make no revision.
    private static byte[] Seal(Dictionary<ResourceKey, ResourceBody> old, ResourceKey key, string value, string workspace, Keyring keyring)
    {
        var clear = Encoding.UTF8.GetBytes(value);
        var fingerprint = keyring.Fingerprint(clear);
        var known = old.TryGetValue(key, out var body) ? ResourceReader.Read(body.Json).Resource as SecretResource : null;
        if (known is not null && string.Equals(known.Fingerprint, fingerprint, StringComparison.Ordinal))
        {
            return body!.Json;
        }

        var version = (known?.Version ?? 0) + 1;
        var sealedValue = keyring.Seal(new SealContext(workspace, SecretResource.KindName, key.Name, version), clear);
        return ResourceReader.WriteSecret(new SecretResource(key.Name, sealedValue, version, fingerprint));
    }
}
