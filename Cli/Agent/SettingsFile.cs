using System.Text;
using System.Text.Json;
using Sluice.Configuration;
using Sluice.Revisions.Settings;

namespace Sluice.Cli.Agent;

/// <summary>
/// The file that an agent keeps, and a mark beside it, <c>.NAME.reload-due</c>, from before a change of the file until the application was told of it: an agent that
/// ended between the two tells it when it is started again.
/// </summary>
internal sealed class SettingsFile(string path, SettingsFormat format, UnixFileMode mode)
{
    private readonly string _mark = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, $".{System.IO.Path.GetFileName(path)}.reload-due");

    public string Path => path;

    /// <summary>Whether the application has not been told of the file as it is.</summary>
    public bool IsReloadDue => File.Exists(_mark);

    /// <summary>Writes the values, unless the file holds them already; answers whether it was written.</summary>
    /// <param name="mark">Whether the application is to be told.</param>
    /// <exception cref="FormatException">They cannot be written in this format; the file is as it was.</exception>
    /// <exception cref="IOException">The file cannot be written; it is as it was.</exception>
    public bool Write(JsonElement values, bool mark)
    {
        var content = Encoding.UTF8.GetBytes(SettingsFormats.Write(values, format));
        if (File.Exists(path) && content.AsSpan().SequenceEqual(File.ReadAllBytes(path)))
        {
            return false;
        }

        if (mark)
        {
            AtomicFile.Write(_mark, [], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        AtomicFile.Write(path, content, mode);
        return true;
    }

    /// <summary>The application was told.</summary>
    public void Told() => File.Delete(_mark);
}
