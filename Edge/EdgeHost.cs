using Microsoft.AspNetCore.Builder;
using Orleans;

namespace Sluice.Edge;

/// <summary>Puts an edge together: Kestrel, the pipeline, and the connection to silos.</summary>
public static class EdgeHost
{
    /// <summary>An edge that reaches grains through <paramref name="cluster"/>, which is connected and stays the caller's to end.</summary>
    public static WebApplication Create(EdgeOptions options, IClusterClient cluster) => throw new NotSupportedException();
}
