using System.Collections.Immutable;
using System.Text;

namespace Sluice.Revisions.Reading;

/// <summary>A text with values of the request in it: <c>{name}</c> for a parameter of the route's path or one of <see cref="Named"/>; <c>{{</c> and <c>}}</c> stand for braces.</summary>
internal static class ValueTemplate
{
    /// <summary>The names that every request has a value for; empty where it has none.</summary>
    public static readonly ImmutableArray<string> Named =
        ["request.id", "request.host", "request.method", "request.path", "request.scheme", "client.address", "caller.tenant", "caller.user", "caller.key"];

    /// <summary>A piece: text as it is, or the name of a value.</summary>
    public readonly record struct Piece(string Text, bool IsName);

    /// <summary>Splits a template; null with the reason where it is not one.</summary>
    /// <param name="template">The text.</param>
    /// <param name="parameters">Of the route's path.</param>
    /// <param name="wrong">Why it is none.</param>
    public static ImmutableArray<Piece>? Parse(string template, IReadOnlyCollection<string> parameters, out string wrong)
    {
        wrong = "";
        var pieces = ImmutableArray.CreateBuilder<Piece>();
        var text = new StringBuilder();
        for (var i = 0; i < template.Length; i++)
        {
            var c = template[i];
            if (char.IsControl(c))
            {
                wrong = "has a control character, such as a line end";
                return null;
            }

            if (c is '{' or '}' && i + 1 < template.Length && template[i + 1] == c)
            {
                text.Append(c);
                i++;
            }
            else if (c is '}')
            {
                wrong = "has a '}' without a '{'; a brace that is meant is written twice";
                return null;
            }
            else if (c is '{')
            {
                var end = template.IndexOf('}', i);
                var name = end < 0 ? "" : template[(i + 1)..end].TrimStart('*');
                if (!parameters.Contains(name, StringComparer.Ordinal) && !Named.Contains(name, StringComparer.Ordinal))
                {
                    var known = parameters.Concat(Named).ToArray();
                    wrong = end < 0 ? "has a '{' without a '}'; a brace that is meant is written twice"
                        : $"has '{{{name}}}', which is neither a parameter of match.path nor one of {string.Join(", ", Named)}{Names.Suggest(name, known)}";
                    return null;
                }

                Flush();
                pieces.Add(new Piece(name, IsName: true));
                i = end;
            }
            else
            {
                text.Append(c);
            }
        }

        Flush();
        return pieces.ToImmutable();

        void Flush()
        {
            if (text.Length > 0)
            {
                pieces.Add(new Piece(text.ToString(), IsName: false));
                text.Clear();
            }
        }
    }

    /// <summary>What keeps some pieces from being a path; null: nothing. Values never are dotted segments, so that a path is normalised if its own text is.</summary>
    public static string? FindWrongPath(string template, ImmutableArray<Piece> pieces)
    {
        if (!template.StartsWith('/') && pieces is not [{ Text: "request.path", IsName: true }, ..])
        {
            return "must begin with '/'";
        }

        if (pieces.Any(p => !p.IsName && p.Text.AsSpan().ContainsAny("?#\\%")))
        {
            return "must have neither query nor fragment, backslash or '%': it is written as it reads, and encoded when it is sent";
        }

        foreach (var segment in template.Split('/'))
        {
            var own = StripNames(segment);
            if (own.Length > 0 && own.All(c => c == '.'))
            {
                return $"has a segment of dots, '{segment}'";
            }
        }

        return template.Contains("//", StringComparison.Ordinal) ? "has an empty segment" : null;
    }

    private static string StripNames(string segment)
    {
        var own = new StringBuilder();
        var depth = 0;
        foreach (var c in segment)
        {
            depth += c switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0 && c is not '}')
            {
                own.Append(c);
            }
        }

        return own.ToString();
    }
}
