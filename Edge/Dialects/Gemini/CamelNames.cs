namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Names of fields, which may be written in either way that JSON of protocol buffers has: <c>inlineData</c> or <c>inline_data</c>.</summary>
internal static class CamelNames
{
    /// <summary>The name as the dialect's pages write it.</summary>
    public static string Of(string name)
    {
        if (!name.Contains('_', StringComparison.Ordinal))
        {
            return name;
        }

        var parts = name.Split('_', StringSplitOptions.RemoveEmptyEntries);
        return string.Concat(parts.Select(static (part, i) => i == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..]));
    }
}
