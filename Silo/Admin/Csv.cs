using System.Text;
using Microsoft.AspNetCore.Http;

namespace Sluice.Silo.Admin;

/// <summary>Tables as RFC 4180 has them: commas, lines that end in CR LF, a field in quotes where it needs them.</summary>
public static class Csv
{
    private const string MediaType = "text/csv";
    private static readonly System.Buffers.SearchValues<char> NeedQuotes = System.Buffers.SearchValues.Create(",\"\r\n");

    /// <summary>One line.</summary>
    public static string Line(IEnumerable<string> fields)
    {
        var line = new StringBuilder();
        foreach (var field in fields)
        {
            if (line.Length > 0)
            {
                line.Append(',');
            }

            // An empty first field is written, so that the next one has its comma.
            line.Append(field.AsSpan().ContainsAny(NeedQuotes) || (field.Length == 0 && line.Length == 0) ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field);
        }

        return line.Append("\r\n").ToString();
    }

    /// <summary>Whether a request asks for it: by <c>format=csv</c>, or because <c>Accept</c> names it first.</summary>
    internal static bool IsWanted(QueryReader query, HttpRequest request)
    {
        switch (query.Text("format"))
        {
            case "csv":
                return true;
            case "json":
                return false;
            case null:
                return request.GetTypedHeaders().Accept is [var first, ..] && string.Equals(first.MediaType.Value, MediaType, StringComparison.OrdinalIgnoreCase);
            case var other:
                query.Wrong("format", $"must be csv or json; is '{other}'");
                return false;
        }
    }

    /// <summary>The table as an answer.</summary>
    internal static IResult Answer(IEnumerable<string> columns, IEnumerable<IEnumerable<string>> rows) =>
        Results.Text(string.Concat(rows.Prepend(columns).Select(Line)), $"{MediaType}; charset=utf-8; header=present");
}
