using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Grains.Interfaces.Catalog;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sluice.Revisions.Reading;

/// <summary>Reads addresses with their weights: a list in an upstream, or in a file beside it.</summary>
public static class AddressReader
{
    /// <summary>The most addresses that a list may have.</summary>
    public const int Most = 10_000;

    /// <summary>The addresses of a field; the weights are empty where each is 1.</summary>
    public static (ImmutableArray<Uri> Addresses, ImmutableArray<int> Weights) Read(Fields fields, string field)
    {
        var (addresses, weights) = (ImmutableArray.CreateBuilder<Uri>(), ImmutableArray.CreateBuilder<int>());
        foreach (var (path, item) in fields.Entries(field, required: true, "an address, or an object with address and weight", JsonValueKind.String, JsonValueKind.Object))
        {
            var (address, weight) = item.ValueKind is JsonValueKind.String ? (fields.ReadAddress(path, item.GetString()!), 1) : ReadEntry(fields.Entry(path, item));
            if (address is not null && addresses.Contains(address))
            {
                fields.Wrong(path, $"'{address.AbsoluteUri}' stands here twice");
            }
            else if (address is not null)
            {
                addresses.Add(address);
                weights.Add(weight);
            }
        }

        if (addresses.Count > Most)
        {
            fields.Wrong(field, FormattableString.Invariant($"has {addresses.Count} addresses; {Most} are the most"));
        }

        return (addresses.ToImmutable(), weights.All(weight => weight == 1) ? [] : weights.ToImmutable());
    }

    /// <summary>The addresses of a file: a list in JSON or YAML, which may be empty; or what is wrong with it, without what stands there.</summary>
    public static (ImmutableArray<Uri> Addresses, ImmutableArray<int> Weights, string? Wrong) ReadFile(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents is not [{ RootNode: YamlSequenceNode list }])
            {
                return ([], [], "must be one list of addresses");
            }

            if (list.Children.Count == 0)
            {
                return ([], [], null);
            }

            using var document = JsonDocument.Parse(new YamlToJson().Write(new YamlMappingNode("addresses", list)));
            var errors = ImmutableArray.CreateBuilder<FieldError>();
            var (addresses, weights) = Read(new Fields(document.RootElement, ": ", errors), "addresses");
            return errors.Count == 0 ? (addresses, weights, null) : ([], [], $"{errors[0].Path[2..]} is no address such as http://10.0.0.2:8080, or stands there twice, or its weight is not 1 to 1000");
        }
        catch (YamlException e)
        {
            return ([], [], FormattableString.Invariant($"is no YAML: line {e.Start.Line}"));
        }
    }

    private static (Uri? Address, int Weight) ReadEntry(Fields entry)
    {
        var read = (entry.Address("address", required: true), (int)entry.Number("weight", 1, 1000, 1));
        entry.Close();
        return read;
    }
}
