using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Sources;
using Sluice.Revisions;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Sources;

/// <summary>The resources of a source's files, each known by its file, so that what is wrong is told by file and line. Pure.</summary>
internal sealed partial class SourceBundle
{
    private readonly List<Place> _places = [];

    private SourceBundle()
    {
    }

    /// <summary>As they are written, in the order of the files' names.</summary>
    public ImmutableArray<byte[]> Resources { get; private init; } = [];

    /// <summary>What cannot be read at all.</summary>
    public ImmutableArray<SourceError> Errors { get; private init; } = [];

    /// <summary>Reads the files.</summary>
    public static SourceBundle Read(IEnumerable<SourceFile> files)
    {
        var places = new List<Place>();
        var resources = ImmutableArray.CreateBuilder<byte[]>();
        var errors = ImmutableArray.CreateBuilder<SourceError>();
        foreach (var file in files)
        {
            var bundle = Bundle.Parse(file.Text);
            foreach (var (resource, i) in bundle.Resources.Select((r, i) => (r, i)))
            {
                resources.Add(resource);
                places.Add(new Place(file, i, ResourceReader.ReadInput(resource).Key?.ToString()));
            }

            errors.AddRange(bundle.Errors.Select(e => new SourceError(file.Name, Line(e.Path), "", $"{e.Path} {e.Message}".Trim())));
        }

        var read = new SourceBundle { Resources = resources.ToImmutable(), Errors = errors.ToImmutable() };
        read._places.AddRange(places);
        return read;
    }

    /// <summary>Where in the files something is wrong. What is wrong with resources of others is told without a file.</summary>
    public SourceError Locate(FieldError error)
    {
        var (place, path) = Find(error.Path);
        return place is null
            ? new SourceError("", null, error.Path, error.Message)
            : new SourceError(place.File.Name, FieldPositions.Line(place.File.Text, place.Index, path), error.Path, error.Message);
    }

    // "Route/checkout: split[0].weight", or "[3] resource: kind" where it has no name.
    private (Place? Place, string Path) Find(string path)
    {
        if (Numbered().Match(path) is { Success: true } match)
        {
            return (_places.ElementAtOrDefault(int.Parse(match.Groups["index"].Value, CultureInfo.InvariantCulture)), match.Groups["path"].Value);
        }

        var end = path.IndexOf(": ", StringComparison.Ordinal);
        var key = end < 0 ? path : path[..end];
        return (_places.FindLast(p => string.Equals(p.Key, key, StringComparison.Ordinal)), end < 0 ? "" : path[(end + 2)..]);
    }

    private static long? Line(string path) =>
        Position().Match(path) is { Success: true } match ? long.Parse(match.Groups["line"].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"\A\[(?<index>[0-9]{1,9})\]( resource: (?<path>.*))?", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Numbered();

    [GeneratedRegex(@"\Aline (?<line>[0-9]{1,9}),", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Position();

    private sealed record Place(SourceFile File, int Index, string? Key);
}
