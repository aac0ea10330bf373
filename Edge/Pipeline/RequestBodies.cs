using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Pipeline;

/// <summary>Reads a request's body whole before anything is sent on: fewer system calls, and nothing is sent for a body that does not arrive.</summary>
internal static class RequestBodies
{
    /// <summary>The most bytes that a JSON body may have.</summary>
    public const int Most = 4 * 1024 * 1024;

    /// <summary>Reads to the end; null where all went well.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<ClientError?> ReadAsync(HttpContext http, PooledBytes body)
    {
        if (http.Request.ContentLength > Most)
        {
            return TooLarge();
        }

        if (CheckType(http.Request) is { } wrong)
        {
            return wrong;
        }

        return await TryReadAsync(http, body, Most) ? null : TooLarge();
    }

    /// <summary>Reads to the end; false once there are more bytes than <paramref name="most"/>.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<bool> TryReadAsync(HttpContext http, PooledBytes body, int most)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            foreach (var part in read.Buffer)
            {
                body.Add(part.Span);
            }

            reader.AdvanceTo(read.Buffer.End);
            if (body.Length > most)
            {
                return false;
            }

            if (read.IsCompleted)
            {
                return true;
            }
        }
    }

    // A request without a type is taken for JSON, as plain scripts send it.
    private static ClientError? CheckType(HttpRequest request)
    {
        if (request.Headers.ContentEncoding is [{ Length: > 0 } encoding, ..] && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return new ClientError(415, "The request body is encoded; this API takes it without Content-Encoding.", "unsupported_content_encoding");
        }

        return request.ContentType is not { Length: > 0 } type || IsJson(type)
            ? null
            : new ClientError(415, $"Unsupported content type: '{Shorten(type)}'. This API takes 'application/json'.", "unsupported_content_type");
    }

    private static bool IsJson(ReadOnlySpan<char> type)
    {
        var end = type.IndexOf(';');
        var media = (end < 0 ? type : type[..end]).Trim();
        return media.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || media.Equals("text/json", StringComparison.OrdinalIgnoreCase)
            || (media.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && media.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
    }

    private static string Shorten(string text) => text.Length <= 100 ? text : $"{text[..100]}…";

    private static ClientError TooLarge() => new(
        413, string.Create(CultureInfo.InvariantCulture, $"The request body is larger than {Most} bytes (4 MiB)."), "request_too_large");
}
