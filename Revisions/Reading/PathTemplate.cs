using System.Collections.Immutable;

namespace Sluice.Revisions.Reading;

/// <summary>A path's template, segment by segment.</summary>
internal static class PathTemplate
{
    /// <summary>What a segment is.</summary>
    public enum SegmentType
    {
        Literal,
        Parameter,
        CatchAll,
    }

    /// <summary>One segment; the text of a parameter is its name.</summary>
    public readonly record struct Segment(SegmentType Type, string Text);

    /// <summary>Splits a template; null with the reason where it is not one.</summary>
    public static ImmutableArray<Segment>? Parse(string template, out string wrong)
    {
        wrong = "";
        if (template[0] != '/' || template.Contains('?', StringComparison.Ordinal) || template.Contains('#', StringComparison.Ordinal))
        {
            wrong = $"must begin with '/' and have no query, is '{template}'";
            return null;
        }

        var segments = ImmutableArray.CreateBuilder<Segment>();
        var parts = template[1..].Split('/');
        for (var i = 0; i < parts.Length; i++)
        {
            var part = parts[i];
            if (!part.Contains('{', StringComparison.Ordinal) && !part.Contains('}', StringComparison.Ordinal))
            {
                if (part is "." or ".." || (part.Length == 0 && i < parts.Length - 1))
                {
                    wrong = $"has an empty or dotted segment, which no normalised path has: '{template}'";
                    return null;
                }

                segments.Add(new Segment(SegmentType.Literal, part));
                continue;
            }

            var all = part.StartsWith("{**", StringComparison.Ordinal);
            var name = part.Trim('{', '}', '*');
            if (!part.StartsWith('{') || !part.EndsWith('}') || name.Length == 0 || part.Length != name.Length + (all ? 4 : 2))
            {
                wrong = $"has a segment that is neither text, {{name}} nor {{**rest}}: '{part}'";
                return null;
            }

            if (all && i < parts.Length - 1)
            {
                wrong = $"has '{part}' before its end; what takes all that remains comes last";
                return null;
            }

            if (segments.Any(s => s.Type != SegmentType.Literal && string.Equals(s.Text, name, StringComparison.Ordinal)))
            {
                wrong = $"names '{name}' twice";
                return null;
            }

            segments.Add(new Segment(all ? SegmentType.CatchAll : SegmentType.Parameter, name));
        }

        return segments.ToImmutable();
    }
}
