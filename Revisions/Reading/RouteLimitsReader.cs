using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads the <c>limits</c> and <c>compress</c> of a <c>Route</c>.</summary>
internal static class RouteLimitsReader
{
    private const long MostRequest = 100L << 20;
    private const long MostResponse = 1024L << 30;

    /// <summary>The bounds, or null.</summary>
    public static RouteLimits? ReadLimits(Fields fields)
    {
        if (fields.Object("limits") is not { } inner)
        {
            return null;
        }

        var limits = new RouteLimits(
            Sizes.Read(inner, "requestBody", MostRequest),
            Sizes.Read(inner, "responseBody", MostResponse),
            inner.Has("time") ? inner.Time("time", TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), TimeSpan.FromHours(1)) : null);
        if (!inner.Has("requestBody") && !inner.Has("responseBody") && !inner.Has("time"))
        {
            fields.Wrong("limits", "bounds nothing; give requestBody, responseBody or time, or leave it out");
        }

        inner.Close();
        return limits;
    }

    /// <summary>What is compressed, or null.</summary>
    public static RouteCompression? ReadCompression(Fields fields)
    {
        if (fields.Object("compress") is not { } inner)
        {
            return null;
        }

        var types = inner.Texts("types");
        for (var i = 0; i < types.Length; i++)
        {
            var parts = types[i].Split('/');
            if (parts.Length != 2 || !TransformReader.IsToken(parts[0]) || !TransformReader.IsToken(parts[1]) || parts[0] is "*")
            {
                inner.Wrong($"types[{i}]", $"must be a media type such as application/json or text/*, without parameters; is '{types[i]}'");
            }
        }

        var compression = new RouteCompression(types.IsEmpty ? RouteCompression.UsualTypes : types, Sizes.Read(inner, "minSize", 1L << 30) ?? 1024);
        inner.Close();
        return compression;
    }
}
