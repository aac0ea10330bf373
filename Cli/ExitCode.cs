namespace Sluice.Cli;

/// <summary>How the program ends.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Refused or failed; why stands on the error stream.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the settings are wrong; nothing was tried.</summary>
    public const int Usage = 2;

    /// <summary>Ended by a signal before it was done.</summary>
    public const int Interrupted = 130;
}

/// <summary>The command line asks for something that cannot be: shown as it stands, exit code 2.</summary>
public sealed class UsageException(string message) : Exception(message);
