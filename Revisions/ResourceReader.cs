using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Reading;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>Reads resources from JSON and checks each field. All that is wrong comes back at once; nothing is ever thrown for what a caller wrote.</summary>
public static class ResourceReader
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64 };

    /// <summary>Reads what a caller wrote and brings it to canonical form.</summary>
    public static ReadResult Read(ReadOnlyMemory<byte> json) => Read(json, new SharedTexts());

    /// <summary>The same of one of many, whose texts are shared.</summary>
    internal static ReadResult Read(ReadOnlyMemory<byte> json, SharedTexts texts)
    {
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        using var document = Parse(json, errors);
        if (document is null || ReadKey(document.RootElement, errors, texts) is not { } key)
        {
            return Failed(errors);
        }

        var fields = new Fields(texts, document.RootElement, $"{key}: ", errors, "kind", "name");
        var resource = Kinds.Find(key.Kind)!.Read(key.Name, fields);
        fields.Close();
        if (errors.Count > 0)
        {
            return Failed(errors);
        }

        var canonical = CanonicalJson.Write(document.RootElement);
        return new ReadResult(new ResourceBody(key.Kind, key.Name, canonical, Convert.ToHexStringLower(SHA256.HashData(canonical))), resource, []);
    }

    /// <summary>Reads the name of a resource as a caller wrote it and, for kind <c>Secret</c>, the value in clear. Errors never contain the value.</summary>
    public static InputResult ReadInput(ReadOnlyMemory<byte> json)
    {
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        using var document = Parse(json, errors);
        if (document is null || ReadKey(document.RootElement, errors, new SharedTexts()) is not { } key)
        {
            return new InputResult(null, null, errors.ToImmutable());
        }

        string? value = null;
        if (string.Equals(key.Kind, SecretResource.KindName, StringComparison.Ordinal))
        {
            var fields = new Fields(document.RootElement, $"{key}: ", errors, "kind", "name");
            value = fields.TextOrNull("value", required: true);
            fields.Close();
        }

        return new InputResult(key, value, errors.ToImmutable());
    }

    /// <summary>The stored form of a secret.</summary>
    public static byte[] WriteSecret(SecretResource secret) => CanonicalJson.Write(JsonSerializer.SerializeToElement(
        new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["kind"] = SecretResource.KindName,
            ["name"] = secret.Name,
            ["sealed"] = secret.Sealed,
            ["version"] = secret.Version,
            ["fingerprint"] = secret.Fingerprint,
        }));

    private static ReadResult Failed(ImmutableArray<FieldError>.Builder errors) => new(null, null, errors.ToImmutable());

    private static JsonDocument? Parse(ReadOnlyMemory<byte> json, ImmutableArray<FieldError>.Builder errors)
    {
        try
        {
            return JsonDocument.Parse(json, Strict);
        }
        catch (JsonException e)
        {
            errors.Add(new FieldError("", $"is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}, or nested deeper than {Strict.MaxDepth}"));
            return null;
        }
    }

    private static ResourceKey? ReadKey(JsonElement root, ImmutableArray<FieldError>.Builder errors, SharedTexts texts)
    {
        if (root.ValueKind is not JsonValueKind.Object)
        {
            errors.Add(new FieldError("", "must be an object with kind and name"));
            return null;
        }

        var before = errors.Count;
        var fields = new Fields(texts, root, "resource: ", errors);
        var kind = fields.TextOrNull("kind", required: true);
        var name = fields.TextOrNull("name", required: true);
        if (kind is not null && Kinds.Find(kind) is null)
        {
            var known = Kinds.All.Select(k => k.Name).ToArray();
            fields.Wrong("kind", $"there is no kind '{kind}'{Names.Suggest(kind, known)} Known: {string.Join(", ", known)}");
        }
        else if (kind is not null && name is not null && !Kinds.Find(kind)!.IsName(name))
        {
            fields.Wrong("name", $"must be {(string.Equals(kind, ModelResource.KindName, StringComparison.Ordinal) ? Names.ModelRule : Names.ResourceRule)}; is '{name}'");
        }

        return errors.Count > before ? null : new ResourceKey(kind!, name!);
    }
}

/// <summary>One read resource, or what is wrong with it.</summary>
/// <param name="Body">Canonical form; null where there are errors.</param>
/// <param name="Resource">The typed form; null where there are errors.</param>
/// <param name="Errors">Empty where all is right.</param>
public sealed record ReadResult(ResourceBody? Body, Resource? Resource, ImmutableArray<FieldError> Errors);

/// <summary>What a caller's resource is called.</summary>
/// <param name="Key">Null where there are errors.</param>
/// <param name="SecretValue">In clear, for kind <c>Secret</c> only: to be sealed and forgotten.</param>
public sealed record InputResult(ResourceKey? Key, string? SecretValue, ImmutableArray<FieldError> Errors)
{
    public override string ToString() => Key?.ToString() ?? "";
}
