namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Paths of the form <c>/v1beta/models/{model}:{action}</c>.</summary>
internal static class GeminiPaths
{
    /// <summary>The model that a path names.</summary>
    /// <param name="path">One that is of this form.</param>
    /// <param name="action">What is asked of it.</param>
    public static string ModelOf(string path, out string action)
    {
        var colon = path.LastIndexOf(':');
        var start = path.IndexOf("/models/", StringComparison.Ordinal) + "/models/".Length;
        action = path[(colon + 1)..];
        return colon > start ? path[start..colon] : "";
    }
}
