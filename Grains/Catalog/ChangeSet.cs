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
    private readonly string _owner;
    private readonly bool _takeOver;
    private readonly ImmutableArray<InputResult> _inputs;
    private readonly List<FieldError> _errors = [];

    private ChangeSet(PublishRequest request)
    {
        _put = request.Put.IsDefault ? [] : request.Put;
        _delete = request.Delete.IsDefault ? [] : request.Delete;
        _prune = request.Prune;
        (_owner, _takeOver) = (request.Owner ?? Owners.Api, request.TakeOver);
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
    /// <param name="from">A compiled revision that has much in common with it, or null.</param>
    public Candidate Apply(ImmutableArray<ResourceBody> before, string workspace, Keyring? keyring, Compilation? from = null)
    {
        _errors.Clear();
        if (_prune && _put.IsEmpty)
        {
            return Candidate.Refused(new FieldError("", "a bundle with nothing in it would remove every resource: name what shall stay, or delete resources by name"));
        }

        var old = RevisionCompiler.Order(before);
        var named = new HashSet<ResourceKey>();
        var ownership = new Ownership(_owner, _takeOver, named);
        foreach (var key in _delete)
        {
            Name(named, key);
            if (RevisionCompiler.Find(old, key) is null)
            {
                var near = Names.Suggest(key.Name, old.Where(r => string.Equals(r.Kind, key.Kind, StringComparison.Ordinal)).Select(r => r.Name));
                _errors.Add(new FieldError(key.ToString(), $"cannot be deleted: there is no such resource{near}"));
            }
        }

        var put = ReadPut(old, named, workspace, keyring);
        return _errors.Count > 0 ? Candidate.Refused([.. _errors]) : Candidate.Check(old, RevisionCompiler.Apply(Kept(old, ownership), put, _delete), ownership, from);
    }

    // What stays where the change does not name it. A source says all that is its own and nothing of the rest; a bundle that is applied with prune says all there is, but for what was obtained.
    private ImmutableArray<ResourceBody> Kept(ImmutableArray<ResourceBody> old, Ownership ownership) => !_prune ? old
        : _owner is Owners.Api ? [.. old.Where(r => Owners.Of(r) is Owners.Acme)]
        : [.. old.Where(r => !ownership.IsOwn(r))];

    private List<ResourceBody> ReadPut(ImmutableArray<ResourceBody> old, HashSet<ResourceKey> named, string workspace, Keyring? keyring)
    {
        var put = new List<ResourceBody>(_put.Length);
        for (var i = 0; i < _put.Length; i++)
        {
            if (_inputs[i] is { Key: { } key, Errors.IsEmpty: true } input)
            {
                Name(named, key);
                var read = ResourceReader.Read(input.SecretValue is { } value ? Seal(RevisionCompiler.Find(old, key), key, value, workspace, keyring!) : _put[i]);
                _errors.AddRange(read.Errors);
                if (key.Kind is WorkspaceResource.KindName && !string.Equals(key.Name, workspace, StringComparison.Ordinal))
                {
                    _errors.Add(new FieldError($"{key}: name", $"must be '{workspace}': a workspace chooses for itself alone"));
                }

                if (read.Body is { } body)
                {
                    put.Add(body);
                }
            }
            else
            {
                // Where a resource has no name yet, its place in the request says which one it is.
                var place = _inputs[i].Key is null ? string.Create(CultureInfo.InvariantCulture, $"[{i}] ") : "";
                _errors.AddRange(_inputs[i].Errors.Select(e => e with { Path = $"{place}{e.Path}".TrimEnd() }));
            }
        }

        return put;
    }

    private void Name(HashSet<ResourceKey> named, ResourceKey key)
    {
        if (!named.Add(key))
        {
            _errors.Add(new FieldError(key.ToString(), "is named twice in this change: name it once"));
        }
    }

    // The same value keeps its sealed form, for every sealing differs: what changes nothing shall make no revision.
    private static byte[] Seal(ResourceBody? old, ResourceKey key, string value, string workspace, Keyring keyring)
    {
        var clear = Encoding.UTF8.GetBytes(value);
        var fingerprint = keyring.Fingerprint(clear);
        var known = old is null ? null : ResourceReader.Read(old.Json).Resource as SecretResource;
        if (known is not null && string.Equals(known.Fingerprint, fingerprint, StringComparison.Ordinal))
        {
            return old!.Json;
        }

        var version = (known?.Version ?? 0) + 1;
        var sealedValue = keyring.Seal(new SealContext(workspace, SecretResource.KindName, key.Name, version), clear);
        return ResourceReader.WriteSecret(new SecretResource(key.Name, sealedValue, version, fingerprint));
    }
}
