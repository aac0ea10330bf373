using System.Reflection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Edge.Configuration;

/// <summary>This start of the edge: its id, never used again, and how it introduces itself.</summary>
public sealed class EdgeStart(EdgeOptions options, TimeProvider time, IServer? server = null)
{
    private static readonly string Version =
        typeof(EdgeStart).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>Sorts by the time of the start.</summary>
    public string Id { get; } = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");

    /// <summary>The workspace that it serves.</summary>
    public string Workspace => options.Workspace;

    /// <summary>As told to the fleet: with the address that the server took, once it listens.</summary>
    public EdgeHello Hello()
    {
        var taken = server?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        return new EdgeHello(Id, taken ?? $"http://{options.Listen}:{options.Http}", Version);
    }
}
