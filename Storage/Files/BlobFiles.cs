using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Sluice.Storage.Azure;

namespace Sluice.Storage.Files;

/// <summary>Files as blobs of a container, which is made when it is first written to.</summary>
/// <param name="account">The storage account.</param>
/// <param name="container">3 to 63 lower-case letters, digits and single hyphens.</param>
public sealed class BlobFiles(AzureAccount account, string container) : IStoredFiles
{
    private const int Tries = 3;
    private static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(30);
    private readonly BlobContainerClient _container = account.Blobs(Options()).GetBlobContainerClient(container);

    public async Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        try
        {
            await UploadAsync(name, content, cancellation);
        }
        catch (RequestFailedException e) when (string.Equals(e.ErrorCode, BlobErrorCode.ContainerNotFound.ToString(), StringComparison.Ordinal))
        {
            await GuardAsync(name, "written", () => _container.CreateIfNotExistsAsync(cancellationToken: cancellation));
            await GuardAsync(name, "written", () => UploadAsync(name, content, cancellation));
        }
        catch (Exception e) when (IsFailure(e, cancellation))
        {
            throw Refused(name, "written", e);
        }
    }

    public async Task<byte[]?> ReadAsync(string name, CancellationToken cancellation)
    {
        try
        {
            var answer = await BlobOf(name).DownloadContentAsync(cancellation);
            return answer.Value.Content.ToArray();
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
        catch (Exception e) when (IsFailure(e, cancellation))
        {
            throw Refused(name, "read", e);
        }
    }

    public Task RemoveAsync(string name, CancellationToken cancellation) => GuardAsync(name, "removed", async () =>
    {
        try
        {
            await BlobOf(name).DeleteIfExistsAsync(cancellationToken: cancellation);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // Nor is the container there.
        }
    });

    private static BlobClientOptions Options()
    {
        var options = new BlobClientOptions();
        options.Retry.MaxRetries = Tries;
        options.Retry.NetworkTimeout = TryTimeout;
        return options;
    }

    private static bool IsFailure(Exception e, CancellationToken cancellation) =>
        e is RequestFailedException or AggregateException || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    private static StorageRefusedException Refused(string name, string what, Exception e) => new($"the blob {name} could not be {what}: {e.Message}", e);

    private static async Task GuardAsync(string name, string what, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            throw Refused(name, what, e);
        }
    }

    private Task UploadAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        BlobOf(name).UploadAsync(new BinaryData(content), overwrite: true, cancellation);

    private BlobClient BlobOf(string name)
    {
        FileNames.Check(name);
        return _container.GetBlobClient(name);
    }
}
