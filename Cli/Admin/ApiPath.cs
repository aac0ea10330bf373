using System.Text;

namespace Sluice.Cli.Admin;

/// <summary>Writes paths and queries of the admin API.</summary>
internal static class ApiPath
{
    /// <summary>Joins parts of a path, each escaped.</summary>
    public static string Join(params ReadOnlySpan<string> parts)
    {
        var path = new StringBuilder();
        foreach (var part in parts)
        {
            path.Append(path.Length > 0 ? "/" : "").Append(Uri.EscapeDataString(part));
        }

        return path.ToString();
    }

    /// <summary>Adds the parameters that have a value.</summary>
    public static string Query(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = new StringBuilder(path);
        var separator = '?';
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                query.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                separator = '&';
            }
        }

        return query.ToString();
    }
}
