using Microsoft.OpenApi;

namespace Sluice.Cli.OpenApi;

/// <summary>Where the servers of a description have its paths: the operation's own, the path's, or the document's first.</summary>
/// <param name="document">The description.</param>
/// <param name="note">Takes what is left out.</param>
internal sealed class ServerPaths(OpenApiDocument document, Action<string> note)
{
    private readonly string? _first = AddressOf(document.Servers?.FirstOrDefault());

    /// <summary>Of the document's first server; empty: it says none.</summary>
    public string First => PathOf(_first);

    /// <summary>Notes servers of the document that are not taken.</summary>
    public void NoteOthers()
    {
        var others = (document.Servers ?? []).Skip(1).Where(server => !string.Equals(PathOf(AddressOf(server)), First, StringComparison.Ordinal)).Select(server => $"'{server.Url}'").ToList();
        if (others.Count > 0)
        {
            note($"its paths are those of its first server, '{document.Servers![0].Url}'; not of {string.Join(", ", others)}");
        }
    }

    /// <summary>Of an operation.</summary>
    /// <param name="where">What it is, for notes.</param>
    /// <param name="item">Its path.</param>
    /// <param name="operation">The operation.</param>
    public string Of(string where, IOpenApiPathItem item, OpenApiOperation operation)
    {
        if ((operation.Servers?.FirstOrDefault() ?? item.Servers?.FirstOrDefault()) is not { } own)
        {
            return First;
        }

        var address = AddressOf(own);
        if (HostOf(address) is { } host && !string.Equals(host, HostOf(_first), StringComparison.OrdinalIgnoreCase))
        {
            note($"{where}: it has a server of its own, '{own.Url}'; its requests go where the others' do, for that server's path");
        }

        return PathOf(address);
    }

    // Variables are what they are by default.
    private static string? AddressOf(OpenApiServer? server)
    {
        var address = server?.Url;
        foreach (var (name, variable) in server?.Variables ?? new Dictionary<string, OpenApiServerVariable>(StringComparer.Ordinal))
        {
            address = address!.Replace($"{{{name}}}", variable.Default ?? variable.Enum?.FirstOrDefault() ?? "", StringComparison.Ordinal);
        }

        return address;
    }

    private static string PathOf(string? address) => address is null || address.Contains('{', StringComparison.Ordinal) ? ""
        : address.StartsWith('/') ? address.TrimEnd('/')
        : Uri.TryCreate(address, UriKind.Absolute, out var absolute) ? absolute.AbsolutePath.TrimEnd('/')
        : "";

    private static string? HostOf(string? address) => address?.StartsWith('/') is false && Uri.TryCreate(address, UriKind.Absolute, out var absolute) ? absolute.Authority : null;
}
