using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Storage.Records;

/// <summary>Says of two sets of states whether they are the same, in whatever order each comes and however many there are: the sum of their hashes.</summary>
internal sealed class RecordsDigest
{
    private BigInteger _sum;

    /// <summary>How many there were.</summary>
    public long Count { get; private set; }

    /// <summary>Takes up one.</summary>
    public void Add(GrainRecord record)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (ReadOnlySpan<byte[]>)[Encoding.UTF8.GetBytes(record.GrainType), Encoding.UTF8.GetBytes(record.GrainKey), Encoding.UTF8.GetBytes(record.StateName), record.Payload])
        {
            // With its length before it, no part can be taken for the end of another.
            var length = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
            hash.AppendData(length);
            hash.AppendData(part);
        }

        _sum += new BigInteger(hash.GetHashAndReset(), isUnsigned: true);
        Count++;
    }

    /// <summary>Whether both took up the same states.</summary>
    public bool Matches(RecordsDigest other) => Count == other.Count && _sum == other._sum;
}
