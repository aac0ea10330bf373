namespace Sluice.Storage.Files;

/// <summary>What may name a file: nothing that leads out of its folder, on any system.</summary>
internal static class FileNames
{
    /// <summary>Sees that a name is one.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static void Check(string name)
    {
        foreach (var part in name.Split('/'))
        {
            if (part.Length == 0 || part[0] == '.' || !part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '='))
            {
                throw new ArgumentException($"'{name}' is no name of a file: its parts are letters, digits and '.', '_', '-', '=', and none begins with a dot.", nameof(name));
            }
        }
    }
}
