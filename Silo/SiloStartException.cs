namespace Sluice.Silo;

/// <summary>Why a process cannot start, in words for whoever started it. Shown as it stands, without a stack trace.</summary>
public sealed class SiloStartException(string message, Exception? inner = null) : Exception(message, inner);
