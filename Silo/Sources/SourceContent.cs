using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Sluice.Grains.Interfaces.Sources;

namespace Sluice.Silo.Sources;

/// <summary>A file of a source.</summary>
/// <param name="Name">Relative, with <c>/</c>.</param>
internal sealed record SourceFile(string Name, string Text);

/// <summary>What a source says at one moment, or why it cannot be read.</summary>
/// <param name="Digest">Of all files and their names: the same one, the same content.</param>
/// <param name="Commit">Of Git sources; else null.</param>
/// <param name="Reason">For the history, or null.</param>
internal sealed record SourceContent(string Digest, ImmutableArray<SourceFile> Files, ImmutableArray<SourceError> Errors, string? Commit = null, string? Reason = null)
{
    /// <summary>The most files that a source may have.</summary>
    public const int MostFiles = 1_000;

    /// <summary>The most bytes that all files of a source may have together.</summary>
    public const long MostBytes = 16 * 1024 * 1024;

    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A source that cannot be read.</summary>
    public static SourceContent Failed(string file, string message, string? commit = null) => new("", [], [new SourceError(file, null, "", message)], commit);

    /// <summary>Whether a file of this name is read: others, and all that is hidden, are passed over.</summary>
    public static bool IsRead(string name) =>
        Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase) && !name.Split('/').Any(part => part.StartsWith('.'));

    /// <summary>The files' content; what is no UTF-8 is noted with the file's name.</summary>
    public static SourceContent Of(IReadOnlyList<(string Name, byte[] Bytes)> files, string? commit = null, string? reason = null)
    {
        if (files.Count == 0)
        {
            return Failed("", "holds no .yaml, .yml or .json: nothing is removed for that. To remove all that it owns, delete the resources by name with --take-over", commit);
        }

        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var read = ImmutableArray.CreateBuilder<SourceFile>();
        var errors = ImmutableArray.CreateBuilder<SourceError>();
        foreach (var (name, bytes) in files.OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            digest.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
            digest.AppendData(SHA256.HashData(bytes));
            try
            {
                var text = Strict.GetString(bytes);
                read.Add(new SourceFile(name, text.StartsWith('\uFEFF') ? text[1..] : text));
            }
            catch (DecoderFallbackException e)
            {
                errors.Add(new SourceError(name, null, "", FormattableString.Invariant($"is not UTF-8 at byte {e.Index}")));
            }
        }

        return new SourceContent(Convert.ToHexStringLower(digest.GetHashAndReset()), read.ToImmutable(), errors.ToImmutable(), commit, reason);
    }
}
