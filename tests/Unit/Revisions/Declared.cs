using System.Collections.Immutable;
using System.Text;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>Resources as tests write them.</summary>
internal static class Declared
{
    /// <summary>A bundle's resources, which must all be right.</summary>
    public static ImmutableArray<ResourceBody> Bodies(string bundle)
    {
        var parsed = Bundle.Parse(bundle);
        Assert.Empty(parsed.Errors);
        return [.. parsed.Resources.Select(json =>
        {
            var read = ResourceReader.Read(json);
            Assert.Empty(read.Errors);
            return read.Body!;
        })];
    }

    /// <summary>All that is wrong with one resource, each as "path: message".</summary>
    public static string[] Errors(string json) => [.. ResourceReader.Read(Encoding.UTF8.GetBytes(json)).Errors.Select(e => $"{e.Path}: {e.Message}")];
}
