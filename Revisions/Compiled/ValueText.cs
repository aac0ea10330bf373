using System.Collections.Immutable;
using System.Text;
using Sluice.Revisions.Reading;

namespace Sluice.Revisions.Compiled;

/// <summary>What of a request the templates of a route can name.</summary>
/// <param name="Path">Decoded, without query.</param>
/// <param name="Host">As the client names it, with its port where it gives one.</param>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Method">Upper case.</param>
/// <param name="Id">Of the request; null: it has none yet.</param>
/// <param name="Client">The client's address.</param>
/// <param name="Tenant">Of the caller's key; null where none is asked for.</param>
/// <param name="User">Of the caller's key, or null.</param>
/// <param name="KeyId">Of the caller's key, or null.</param>
public readonly record struct RequestValues(
    string Path, string? Host, string Scheme, string Method, string? Id, string? Client, string? Tenant, string? User, string? KeyId);

/// <summary>A template ready to be filled with the values of requests.</summary>
public sealed class ValueText
{
    private readonly ImmutableArray<Piece> _pieces;

    private ValueText(ImmutableArray<Piece> pieces) => _pieces = pieces;

    /// <summary>The text where it is the same for every request; else null.</summary>
    public string? Fixed => _pieces is [{ Kind: Source.Text } only] ? only.Text : null;

    /// <summary>Prepares a template that was checked.</summary>
    /// <param name="template">The text.</param>
    /// <param name="match">The template of the route's path.</param>
    public static ValueText Of(string template, string match)
    {
        var segments = PathTemplate.Parse(match, out _)!.Value;
        var parameters = segments.Where(s => s.Type is not PathTemplate.SegmentType.Literal).Select(s => s.Text).ToArray();
        return new ValueText([.. ValueTemplate.Parse(template, parameters, out _)!.Value.Select(p => Compile(p, segments))]);
    }

    /// <summary>The text of a path for a request: no two slashes follow each other, and what takes nothing takes the slash before it away.</summary>
    public string FillPath(in RequestValues request)
    {
        var path = new StringBuilder();
        foreach (var piece in _pieces)
        {
            var value = ValueOf(piece, request);
            if (value is null)
            {
                path.Length -= path.Length > 0 && path[^1] == '/' ? 1 : 0;
                continue;
            }

            path.Append(path.Length > 0 && path[^1] == '/' && value is ['/', ..] ? value[1..] : value);
        }

        return path is { Length: > 0 } && path[0] == '/' ? path.ToString() : $"/{path}";
    }

    /// <summary>The text for a request, each of its values as <paramref name="encode"/> makes it.</summary>
    public string Fill(in RequestValues request, Func<string, string> encode)
    {
        if (Fixed is { } text)
        {
            return text;
        }

        var filled = new StringBuilder();
        foreach (var piece in _pieces)
        {
            filled.Append(piece.Kind is Source.Text ? piece.Text : encode(ValueOf(piece, request) ?? ""));
        }

        return filled.ToString();
    }

    private static Piece Compile(ValueTemplate.Piece piece, ImmutableArray<PathTemplate.Segment> segments)
    {
        if (!piece.IsName)
        {
            return new Piece(Source.Text, piece.Text, 0);
        }

        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i].Type is not PathTemplate.SegmentType.Literal && string.Equals(segments[i].Text, piece.Text, StringComparison.Ordinal))
            {
                return new Piece(segments[i].Type is PathTemplate.SegmentType.CatchAll ? Source.Rest : Source.Segment, piece.Text, i);
            }
        }

        return new Piece(Source.Named, piece.Text, 0);
    }

    private static string? ValueOf(in Piece piece, in RequestValues request) => piece.Kind switch
    {
        Source.Text => piece.Text,
        Source.Segment => SegmentOf(request.Path, piece.Index, isRest: false),
        Source.Rest => SegmentOf(request.Path, piece.Index, isRest: true),
        _ => piece.Text switch
        {
            "request.id" => request.Id,
            "request.host" => request.Host,
            "request.method" => request.Method,
            "request.path" => request.Path,
            "request.scheme" => request.Scheme,
            "client.address" => request.Client,
            "caller.tenant" => request.Tenant,
            "caller.user" => request.User,
            _ => request.KeyId,
        },
    };

    // Null: the path ends before it.
    private static string? SegmentOf(string path, int index, bool isRest)
    {
        var rest = path.AsSpan();
        for (var i = 0; i <= index; i++)
        {
            var slash = rest.IndexOf('/');
            if (slash < 0)
            {
                return null;
            }

            rest = rest[(slash + 1)..];
        }

        var end = isRest ? -1 : rest.IndexOf('/');
        return (end < 0 ? rest : rest[..end]).ToString();
    }

    private enum Source
    {
        Text,
        Segment,
        Rest,
        Named,
    }

    private readonly record struct Piece(Source Kind, string Text, int Index);
}
