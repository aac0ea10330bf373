namespace Sluice.Tests.EndToEnd.Settings;

/// <summary>Who may read a file.</summary>
internal static class FileModes
{
    /// <summary>Asserts a file's mode, octal; Windows has none.</summary>
    public static void AssertMode(string path, string octal)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(octal, Convert.ToString((int)File.GetUnixFileMode(path), 8));
        }
    }
}
