namespace Sluice.Edge.Identity;

/// <summary>No silo answered within the bound.</summary>
public sealed class SiloUnreachableException(string message, Exception? inner = null) : Exception(message, inner);
