using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Sluice.Storage.Azure;

/// <summary>
/// States that no row holds. A blob is written before the row points at it, under a name of the write's id and the content's hash that no other write
/// ever has, so a state is replaced at once or not at all, and what is removed is wanted by nobody.
/// </summary>
internal sealed class StateBlobs(BlobContainerClient container)
{
    /// <summary>The name for a content, unique to the write.</summary>
    public static string NameFor(StateKey key, string operation, ReadOnlySpan<byte> payload)
    {
        var row = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{key.Partition}/{key.Row}"));
        return $"{Convert.ToHexStringLower(row.AsSpan(0, 16))}/{operation}-{Convert.ToHexStringLower(SHA256.HashData(payload))}";
    }

    /// <summary>Writes a blob. A second try writes the same bytes again.</summary>
    public Task WriteAsync(string name, BinaryData payload, Attempts attempts, CancellationToken cancellation) => attempts.RunAsync(
        token => container.GetBlobClient(name).UploadAsync(payload, overwrite: true, token), "write a large state", cancellation);

    /// <summary>Reads a blob and checks it against the hash in its name; null where it is not there.</summary>
    /// <exception cref="InvalidDataException">The content is not what was written.</exception>
    public async Task<byte[]?> ReadAsync(string name, Attempts attempts, CancellationToken cancellation)
    {
        try
        {
            var answer = await attempts.RunAsync(token => container.GetBlobClient(name).DownloadContentAsync(token), "read a large state", cancellation);
            var payload = answer.Value.Content.ToArray();
            return name.EndsWith(Convert.ToHexStringLower(SHA256.HashData(payload)), StringComparison.Ordinal)
                ? payload
                : throw new InvalidDataException($"The blob {name} does not hold what was written: its hash differs.");
        }
        catch (RequestFailedException e) when (e.Status == 404 && string.Equals(e.ErrorCode, BlobErrorCode.BlobNotFound.ToString(), StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>Removes a blob that no row points at. False: it could not be done in time, and the blob stays, unread.</summary>
    public async Task<bool> TryRemoveAsync(string name, Attempts attempts, CancellationToken cancellation)
    {
        try
        {
            await attempts.RunAsync(token => container.DeleteBlobIfExistsAsync(name, cancellationToken: token), "remove a large state", cancellation);
            return true;
        }
        catch (Exception e) when (e is StorageUnavailableException or RequestFailedException)
        {
            return false;
        }
    }
}
