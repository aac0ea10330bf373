using System.Text;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Upstreams;

/// <summary>A route of one's own, with its upstream.</summary>
internal sealed class Service(Gateway gateway)
{
    /// <summary>The name of both.</summary>
    public string Name { get; } = $"u{Guid.NewGuid():n}"[..12];

    /// <summary>Declares them and waits until they are served.</summary>
    /// <param name="addresses">Of the upstream; an entry that begins with a brace is an object.</param>
    /// <param name="fields">What else the upstream declares, a line each.</param>
    public Task ApplyAsync(IEnumerable<string> addresses, string fields) => ApplyAsync($"addresses: [{string.Join(", ", addresses.Select(a => a[0] == '{' ? a : $"\"{a}\""))}]\n{fields}");

    /// <summary>Declares them with these fields of the upstream and waits until they are served.</summary>
    public Task ApplyAsync(string fields) => gateway.ApplyAsync($$"""
        kind: Upstream
        name: {{Name}}
        {{fields}}
        ---
        kind: Route
        name: {{Name}}
        match: { path: "/{{Name}}/{**rest}" }
        split: [{ upstream: {{Name}} }]
        """);

    /// <summary>Sends a request: a method, and with a text a body that is sent with its length, or in chunks.</summary>
    public async Task<HttpResponseMessage> SendAsync(string method = "GET", string? text = null, bool isChunked = false, string? idempotencyKey = null, string path = "x", bool isUpgrade = false, string? subject = null)
    {
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/{Name}/{path}");
        if (text is not null)
        {
            request.Content = isChunked ? new StreamContent(new UnseekableStream(Encoding.UTF8.GetBytes(text))) : new StringContent(text);
        }

        if (isUpgrade)
        {
            // What asks to upgrade is YARP's, whatever becomes of it.
            request.Headers.TryAddWithoutValidation("Upgrade", "other");
            request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        }

        if (subject is not null)
        {
            request.Headers.Add("x-subject", subject);
        }

        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await client.SendAsync(request);
    }

    private sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
