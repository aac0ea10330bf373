using System.Globalization;
using System.Runtime.CompilerServices;
using Sluice.Cli.Admin;

namespace Sluice.Cli.Commands;

/// <summary>Writes the call log as lines of JSON.</summary>
internal static class CallExport
{
    private const int LinesPerNote = 10_000;

    /// <summary>Writes them into a file, or prints them.</summary>
    /// <param name="session">Where they come from.</param>
    /// <param name="path">What is asked.</param>
    /// <param name="file"><c>-</c>: they are printed. One that is there is replaced.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<int> RunAsync(AdminSession session, string path, string file, CancellationToken cancellation)
    {
        using var answer = await session.Client.OpenAsync(HttpMethod.Get, path, null, null, cancellation);
        var isPrinted = string.Equals(file, "-", StringComparison.Ordinal);
        var count = 0L;
        await using var written = isPrinted ? null : Create(file);
        await foreach (var line in LinesAsync(answer, cancellation))
        {
            await (written ?? session.Output).WriteLineAsync(line.AsMemory(), cancellation);
            if (++count % LinesPerNote == 0 && !isPrinted && !Console.IsErrorRedirected)
            {
                await session.Error.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"\r{count:N0} calls"));
            }
        }

        if (!isPrinted)
        {
            session.Tell(new { Calls = count, File = file }, string.Create(CultureInfo.InvariantCulture, $"{count:N0} calls are in {file}"));
        }

        return ExitCode.Done;
    }

    /// <summary>The lines of an answer as they come, a call each.</summary>
    public static async IAsyncEnumerable<string> LinesAsync(HttpResponseMessage answer, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation));
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            yield return line;
        }
    }

    private static StreamWriter Create(string file)
    {
        try
        {
            return new StreamWriter(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{file} cannot be written: {e.Message}");
        }
    }
}
