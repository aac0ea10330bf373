using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sluice.Silo.Sources;

/// <summary>
/// Reads the files of a commit out of a checkout's objects: what is told of a commit is what it has, whatever the work tree is at. The work tree is neither read nor
/// changed. Git runs as a process, each with a bound.
/// </summary>
internal sealed partial class GitReader(SourceOptions options, TimeProvider time)
{
    private const string RegularFile = "100644";
    private const string Executable = "100755";
    private const string Link = "120000";
    private const int LongestReason = 500;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    /// <summary>The files of the commit, or why they cannot be read.</summary>
    public async Task<SourceContent> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return await ReadCommitAsync(cancellation);
        }
        catch (GitFailedException e)
        {
            return SourceContent.Failed("", e.Message);
        }
    }

    private async Task<SourceContent> ReadCommitAsync(CancellationToken cancellation)
    {
        var tip = options.Branch is null ? "HEAD" : $"refs/heads/{options.Branch}";
        if (options.Remote is { } remote)
        {
            // Without a plus sign: what is no fast-forward is refused, and the source stays where it was.
            tip = $"refs/remotes/{remote}/{options.Branch}";
            await TextAsync(cancellation, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", remote, $"refs/heads/{options.Branch}:{tip}");
        }

        var commit = (await TextAsync(cancellation, "rev-parse", "--verify", "--quiet", "--end-of-options", $"{tip}^{{commit}}")).Trim();
        var told = await TextAsync(cancellation, "log", "-1", "--format=%an <%ae>: %s", commit);
        var reason = $"commit {commit} by {told.Trim()}";

        var blobs = new List<(string Name, string Id)>();
        var bytes = 0L;
        foreach (var entry in (await TextAsync(cancellation, "ls-tree", "-r", "-z", "--long", commit)).Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var tab = entry.IndexOf('\t', StringComparison.Ordinal);
            var (facts, name) = (entry[..tab].Split(' ', StringSplitOptions.RemoveEmptyEntries), entry[(tab + 1)..]);
            if (!SourceContent.IsRead(name))
            {
                continue;
            }

            if (facts[0] is Link)
            {
                return SourceContent.Failed(name, "is a link: commit the file itself", commit);
            }

            if (facts[0] is not (RegularFile or Executable))
            {
                continue;
            }

            blobs.Add((name, facts[2]));
            bytes += long.Parse(facts[3], CultureInfo.InvariantCulture);
            if (blobs.Count > SourceContent.MostFiles || bytes > SourceContent.MostBytes)
            {
                return SourceContent.Failed(name, FormattableString.Invariant($"is too much: at most {SourceContent.MostFiles} files of together {SourceContent.MostBytes / 1024 / 1024} MiB are read"), commit);
            }
        }

        var files = Split(await RunAsync(string.Concat(blobs.Select(b => $"{b.Id}\n")), cancellation, "cat-file", "--batch"), blobs);
        return SourceContent.Of(files, commit, reason.Length > LongestReason ? reason[..LongestReason] : reason);
    }

    // For each object a line "id type size", its bytes and a line end (git-cat-file, batch output).
    private static List<(string Name, byte[] Bytes)> Split(byte[] output, List<(string Name, string Id)> blobs)
    {
        var files = new List<(string, byte[])>();
        var at = 0;
        foreach (var (name, _) in blobs)
        {
            var end = Array.IndexOf(output, (byte)'\n', at);
            var head = end < 0 ? [] : Encoding.ASCII.GetString(output, at, end - at).Split(' ');
            if (head is not [_, "blob", var size] || !int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || end + 1 + length > output.Length)
            {
                throw new GitFailedException($"git cat-file does not give {name}");
            }

            files.Add((name, output[(end + 1)..(end + 1 + length)]));
            at = end + 1 + length + 1;
        }

        return files;
    }

    private async Task<string> TextAsync(CancellationToken cancellation, params string[] arguments) => Encoding.UTF8.GetString(await RunAsync("", cancellation, arguments));

    private async Task<byte[]> RunAsync(string input, CancellationToken cancellation, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-C", options.Path, .. arguments])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        (start.Environment["GIT_TERMINAL_PROMPT"], start.Environment["GIT_OPTIONAL_LOCKS"], start.Environment["LC_ALL"]) = ("0", "0", "C");
        using var bound = new CancellationTokenSource(Bound, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        Process git;
        try
        {
            git = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new GitFailedException($"the program git cannot be run on this silo: {e.Message}");
        }

        using (git)
        {
            try
            {
                using var output = new MemoryStream();
                var errors = git.StandardError.ReadToEndAsync(ended.Token);
                var copied = git.StandardOutput.BaseStream.CopyToAsync(output, ended.Token);
                await git.StandardInput.WriteAsync(input.AsMemory(), ended.Token);
                git.StandardInput.Close();
                await copied;
                await git.WaitForExitAsync(ended.Token);
                return git.ExitCode is 0 ? output.ToArray() : throw new GitFailedException($"git {arguments[0]} failed: {Mask(await errors)}");
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new GitFailedException($"git {arguments[0]} did not end in {Bound.TotalSeconds:0} s");
            }
            catch (IOException)
            {
                throw new GitFailedException($"git {arguments[0]} ended before it had read its input");
            }
            finally
            {
                Kill(git);
            }
        }
    }

    private static void Kill(Process git)
    {
        try
        {
            git.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    // A remote's address may hold a password, and Git names it in what it says.
    private static string Mask(string errors)
    {
        var text = Credentials().Replace(errors.Trim().ReplaceLineEndings(" "), "://***@");
        return text.Length > LongestReason ? text[..LongestReason] : text.Length > 0 ? text : "it says no more; is there such a branch, and a commit?";
    }

    [GeneratedRegex(@"://[^/@\s]+@", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Credentials();

    private sealed class GitFailedException(string message) : Exception(message);
}
