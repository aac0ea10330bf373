using System.Text;

namespace Sluice.Revisions.Compiled;

/// <summary>Changes parameters in a query; all others keep their bytes and their order.</summary>
public static class QueryEdit
{
    /// <summary>The query with the changes made, with its <c>?</c>; empty: none is left.</summary>
    /// <param name="query">As it was sent, with its <c>?</c>, or empty.</param>
    /// <param name="changes">What is changed. Names of parameters are compared without case.</param>
    /// <param name="request">For the values of templates.</param>
    public static string Apply(string query, CompiledChanges changes, in RequestValues request)
    {
        var result = new StringBuilder();
        foreach (var range in query.AsSpan().TrimStart('?').Split('&'))
        {
            var parameter = query.AsSpan().TrimStart('?')[range];
            if (parameter.Length > 0 && !changes.Drops(NameOf(parameter)))
            {
                Next(result).Append(parameter);
            }
        }

        foreach (var (name, value) in changes.Put)
        {
            Next(result).Append(Uri.EscapeDataString(name)).Append('=').Append(value.Fill(request, static v => v) is var filled ? Uri.EscapeDataString(filled) : "");
        }

        return result.ToString();
    }

    private static StringBuilder Next(StringBuilder query) => query.Append(query.Length == 0 ? '?' : '&');

    private static string NameOf(ReadOnlySpan<char> parameter)
    {
        var equals = parameter.IndexOf('=');
        return Uri.UnescapeDataString((equals < 0 ? parameter : parameter[..equals]).ToString().Replace('+', ' '));
    }
}
