using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sluice.Revisions.Reading;

/// <summary>Where in a bundle's text a field stands, for people who look for what is wrong. JSON is read as YAML, which it is.</summary>
public static partial class FieldPositions
{
    /// <summary>The line, from 1 on, of a field, or of the deepest part of its path that is there; null where the text cannot be read.</summary>
    /// <param name="text">The bundle.</param>
    /// <param name="resource">Which of its resources, from 0 on.</param>
    /// <param name="path">Such as <c>split[0].weight</c>; empty for the resource itself.</param>
    public static long? Line(string text, int resource, string path)
    {
        try
        {
            var stream = new YamlStream();
            using var reader = new StringReader(text);
            stream.Load(reader);
            var roots = stream.Documents.Select(d => d.RootNode).SelectMany(n => n is YamlSequenceNode list ? list.Children : Enumerable.Repeat(n, 1)).OfType<YamlMappingNode>();
            return roots.ElementAtOrDefault(resource) is { } root ? Line(root, path) : null;
        }
        catch (YamlException)
        {
            return null;
        }
    }

    private static long Line(YamlNode node, string path)
    {
        var line = node.Start.Line;
        foreach (var part in Part().Matches(path).Select(m => m.Value))
        {
            switch (node)
            {
                case YamlMappingNode map when map.Children.FirstOrDefault(c => c.Key is YamlScalarNode { Value: { } key } && string.Equals(key, part, StringComparison.Ordinal)) is { Key: { } found } field:
                    (node, line) = (field.Value, found.Start.Line);
                    break;
                case YamlSequenceNode list when part is ['[', .. var index, ']'] && int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < list.Children.Count:
                    node = list.Children[i];
                    line = node.Start.Line;
                    break;
                default:
                    return line;
            }
        }

        return line;
    }

    [GeneratedRegex(@"[^.\[\]]+|\[[0-9]+\]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Part();
}
