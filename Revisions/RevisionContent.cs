using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Revisions;

/// <summary>
/// The resources of a revision in their order, and their hash. The hash is made of the hashes of chunks, so that of a revision which differs little from a known one only the
/// chunks that differ are hashed anew. Immutable.
/// </summary>
/// <remarks>
/// A resource's line is <c>kind/name hash\n</c>. Lines stand ordered by kind, then name (ordinal); a chunk begins with each line whose kind and name say so (of 64 one does), so that
/// what is put in or taken out moves no other chunk's bounds. The hash is SHA-256, in lower-case hex, over the SHA-256 of each chunk's lines.
/// </remarks>
public sealed class RevisionContent
{
    private const uint ChunkMask = 63;
    private const int DigestSize = SHA256.HashSizeInBytes;
    private const int BufferSize = 16 * 1024;

    private readonly ImmutableArray<Chunk> _chunks;

    private RevisionContent(ImmutableArray<ResourceBody> resources, ImmutableArray<Chunk> chunks)
    {
        (Resources, _chunks) = (resources, chunks);
        var digests = new ArrayBufferWriter<byte>(Math.Max(1, chunks.Length * DigestSize));
        foreach (var chunk in chunks)
        {
            digests.Write(chunk.Digest);
        }

        Hash = Convert.ToHexStringLower(SHA256.HashData(digests.WrittenSpan));
    }

    /// <summary>No resources.</summary>
    public static RevisionContent Empty { get; } = new([], []);

    /// <summary>Ordered by kind, then name.</summary>
    public ImmutableArray<ResourceBody> Resources { get; }

    /// <summary>Of the whole.</summary>
    public string Hash { get; }

    /// <summary>Orders and hashes resources.</summary>
    /// <param name="resources">In any order.</param>
    /// <param name="near">What they may have much in common with; the result is the same without.</param>
    public static RevisionContent Of(ImmutableArray<ResourceBody> resources, RevisionContent? near = null)
    {
        var known = near ?? Empty;
        var (first, last) = RevisionCompiler.Shared(known.Resources, resources);
        var ordered = resources;
        if (!RevisionCompiler.IsOrdered(resources.AsSpan()[Math.Max(0, first - 1)..Math.Min(resources.Length, resources.Length - last + 1)]))
        {
            ordered = RevisionCompiler.Order(resources);
            (first, last) = RevisionCompiler.Shared(known.Resources, ordered);
        }

        var chunks = ImmutableArray.CreateBuilder<Chunk>(known._chunks.Length + 2);

        // A chunk ends where the next one begins: with that beginning it is known whole.
        for (var i = 0; i + 1 < known._chunks.Length && known._chunks[i + 1].Start < first; i++)
        {
            chunks.Add(known._chunks[i]);
        }

        var start = chunks.Count == 0 ? 0 : known._chunks[chunks.Count].Start;
        var rest = known._chunks.Length;
        while (rest > 1 && known._chunks[rest - 1].Start >= known.Resources.Length - last)
        {
            rest--;
        }

        var shift = ordered.Length - known.Resources.Length;
        AddChunks(chunks, ordered, start, rest < known._chunks.Length ? known._chunks[rest].Start + shift : ordered.Length);
        foreach (var chunk in known._chunks.AsSpan()[rest..])
        {
            chunks.Add(chunk with { Start = chunk.Start + shift });
        }

        return new RevisionContent(ordered, chunks.ToImmutable());
    }

    /// <summary>Whether this is what a hash was made of, also one of a store from before hashes were made of chunks: SHA-256 over all lines.</summary>
    public bool IsOf(string hash)
    {
        if (string.Equals(hash, Hash, StringComparison.Ordinal))
        {
            return true;
        }

        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        return string.Equals(hash, Convert.ToHexStringLower(Digest(Resources.AsSpan(), all, new ArrayBufferWriter<byte>(BufferSize))), StringComparison.Ordinal);
    }

    private static void AddChunks(ImmutableArray<Chunk>.Builder chunks, ImmutableArray<ResourceBody> ordered, int start, int end)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var lines = new ArrayBufferWriter<byte>(BufferSize);
        for (var i = start + 1; start < end; i++)
        {
            if (i == end || Begins(ordered[i]))
            {
                chunks.Add(new Chunk(start, Digest(ordered.AsSpan()[start..i], hash, lines)));
                start = i;
            }
        }
    }

    private static byte[] Digest(ReadOnlySpan<ResourceBody> resources, IncrementalHash hash, ArrayBufferWriter<byte> lines)
    {
        foreach (var body in resources)
        {
            Encoding.UTF8.GetBytes(body.Kind, lines);
            lines.Write("/"u8);
            Encoding.UTF8.GetBytes(body.Name, lines);
            lines.Write(" "u8);
            Encoding.UTF8.GetBytes(body.Hash, lines);
            lines.Write("\n"u8);
            if (lines.WrittenCount >= BufferSize / 2)
            {
                hash.AppendData(lines.WrittenSpan);
                lines.ResetWrittenCount();
            }
        }

        hash.AppendData(lines.WrittenSpan);
        lines.ResetWrittenCount();
        return hash.GetHashAndReset();
    }

    // FNV-1a over kind and name, folded: what a resource says besides does not move the bounds.
    private static bool Begins(ResourceBody body)
    {
        var hash = 2166136261u;
        foreach (var c in body.Kind)
        {
            hash = (hash ^ c) * 16777619;
        }

        foreach (var c in body.Name)
        {
            hash = (hash ^ c) * 16777619;
        }

        return ((hash ^ (hash >> 15)) & ChunkMask) == 0;
    }

    /// <summary>Resources that are hashed together, up to where the next chunk begins.</summary>
    private readonly record struct Chunk(int Start, byte[] Digest);
}
