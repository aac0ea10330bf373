namespace Sluice.Revisions.Outbound;

/// <summary>A host is not connected to: its name, or each of its addresses, is one that the guard refuses. Nothing was sent.</summary>
/// <param name="host">Whom it is about.</param>
/// <param name="port">At which port.</param>
/// <param name="reason">Why, and what would be right.</param>
public sealed class AddressRefusedException(string host, int port, string reason) : IOException($"'{host}' is not connected to: {reason}.")
{
    /// <summary>Whom it is about.</summary>
    public string Host { get; } = host;

    /// <summary>At which port.</summary>
    public int Port { get; } = port;
}
