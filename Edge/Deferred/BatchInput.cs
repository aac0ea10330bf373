using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Configuration;
using Sluice.Edge.Kept;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Deferred;

/// <summary>The file of a batch: read once to know what it may use, and once more to be written as its provider reads it, into a file of the edge's own that no client can name.</summary>
internal sealed class BatchInput(KeptProvider kept, Deadlines deadlines)
{
    /// <summary>The most bytes of a file, as OpenAI has it.</summary>
    public const long Most = 200L * 1024 * 1024;

    private const int MostOfObject = 64 * 1024;
    private static readonly TimeSpan Whole = TimeSpan.FromMinutes(15);

    /// <summary>Reads it, and tells what is wrong with it; null: nothing.</summary>
    /// <param name="revision">Under which.</param>
    /// <param name="provider">Who has it.</param>
    /// <param name="file">Its id there.</param>
    /// <param name="requests">What becomes of its lines.</param>
    /// <param name="client">The client's leaving.</param>
    public async Task<ClientError?> CountAsync(EdgeRevision revision, ProviderResource provider, string file, BatchRequests requests, CancellationToken client)
    {
        using var deadline = Begin(provider, client);
        using var answer = await ReadAsync(revision, provider, file, deadline);
        if (!answer.IsSuccess)
        {
            return new ClientError(answer.Status == StatusCodes.Status404NotFound ? 404 : 502, $"The provider could not tell what the file has: it answered {answer.Status}.", "upstream_error", "input_file_id");
        }

        using var lines = new JsonLines(answer, deadline, provider.Timeouts.Idle, BatchRequests.LongestLine);
        while (await lines.NextAsync())
        {
            if (requests.Take(lines.Line, lines.IsTooLong, out _) is { } wrong)
            {
                return wrong;
            }

            if (requests.Length > Most)
            {
                return new ClientError(400, string.Create(CultureInfo.InvariantCulture, $"The file has more than {Most} bytes."), "invalid_request", "input_file_id");
            }
        }

        return requests.Bound.Requests > 0 ? null : new ClientError(400, "The file has no requests.", "invalid_request", "input_file_id");
    }

    /// <summary>Writes what the provider is to read; its id there, or null where the provider does not keep it.</summary>
    /// <param name="revision">Under which.</param>
    /// <param name="provider">Who is to have it.</param>
    /// <param name="file">The client's file there.</param>
    /// <param name="requests">What becomes of its lines: not yet begun.</param>
    /// <param name="length">Of what is written, as <see cref="CountAsync"/> found.</param>
    /// <param name="client">The client's leaving.</param>
    public async Task<string?> WriteAsync(EdgeRevision revision, ProviderResource provider, string file, BatchRequests requests, long length, CancellationToken client)
    {
        using var reading = Begin(provider, client);
        using var read = await ReadAsync(revision, provider, file, reading);
        if (!read.IsSuccess)
        {
            return null;
        }

        using var lines = new JsonLines(read, reading, provider.Timeouts.Idle, BatchRequests.LongestLine);
        using var form = new MultipartFormDataContent { { new StringContent("batch"), "purpose" }, { new BatchFile(lines, requests, length), "file", "batch.jsonl" } };
        using var writing = deadlines.Rent(client);
        writing.In(Whole);
        using var written = await kept.SendAsync(revision, provider, HttpMethod.Post, "/files", form, writing);
        return written.IsSuccess && await KeptProvider.ReadAsync(written, MostOfObject) is { } told && KeptFile.Read(told) is { } made ? made.Id : null;
    }

    /// <summary>Reads what was written for a provider, where it still has it.</summary>
    /// <param name="revision">Under which.</param>
    /// <param name="provider">Who has it.</param>
    /// <param name="written">Its id there; empty: it is not known.</param>
    /// <param name="take">Takes each line; those that are too long to have been written are left out.</param>
    /// <param name="stopping">The end of whoever asks.</param>
    /// <exception cref="IOException">The provider broke off.</exception>
    public async Task ReadAsync(EdgeRevision revision, ProviderResource provider, string written, Action<ReadOnlySpan<byte>> take, CancellationToken stopping)
    {
        if (written.Length == 0)
        {
            return;
        }

        using var deadline = Begin(provider, stopping);
        using var answer = await ReadAsync(revision, provider, written, deadline);
        if (!answer.IsSuccess)
        {
            return;
        }

        using var lines = new JsonLines(answer, deadline, provider.Timeouts.Idle, BatchRequests.LongestLine);
        while (await lines.NextAsync())
        {
            if (!lines.IsTooLong)
            {
                take(lines.Line.Span);
            }
        }
    }

    /// <summary>Lets go of what was written, where the provider lets it.</summary>
    public async Task ForgetAsync(EdgeRevision revision, ProviderResource provider, string written)
    {
        try
        {
            using var deadline = Begin(provider, CancellationToken.None);
            using var answer = await kept.SendAsync(revision, provider, HttpMethod.Delete, $"/files/{Uri.EscapeDataString(written)}", null, deadline);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // It costs nothing, and no client can name it.
        }
    }

    private Task<HandlerAnswer> ReadAsync(EdgeRevision revision, ProviderResource provider, string file, Deadline deadline) =>
        kept.SendAsync(revision, provider, HttpMethod.Get, $"/files/{Uri.EscapeDataString(file)}{Revisions.Compiled.Surfaces.ContentEnd}", null, deadline);

    private Deadline Begin(ProviderResource provider, CancellationToken client)
    {
        var deadline = deadlines.Rent(client);
        deadline.NotAfter(deadlines.After(Whole));
        deadline.In(provider.Timeouts.FirstByte);
        return deadline;
    }
}
