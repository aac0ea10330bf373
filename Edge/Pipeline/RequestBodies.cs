using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sluice.Edge.Bodies;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Pipeline;

/// <summary>Reads a request's body whole before anything is sent on: fewer system calls, and nothing is sent for a body that does not arrive.</summary>
internal static class RequestBodies
{
    private static readonly ClientError Encoded = new(415, "The request body is encoded; this API takes it without Content-Encoding.", "unsupported_content_encoding");

    /// <summary>The most bytes that a JSON body may have: pictures stand in it, and Anthropic takes 32 MB.</summary>
    public const int Most = 32 * 1024 * 1024;

    /// <summary>The most bytes that a form may have, with its files: OpenAI takes sound to 25 MB.</summary>
    public const int MostOfForm = 32 * 1024 * 1024;

    /// <summary>Reads to the end; null where all went well.</summary>
    /// <param name="http">The request.</param>
    /// <param name="body">Takes it.</param>
    /// <param name="held">Its room; null: it is not counted.</param>
    public static ValueTask<ClientError?> ReadAsync(HttpContext http, PooledBytes body, HeldBody? held = null) => ReadAsync(http, body, Most, CheckType(http.Request), held);

    /// <summary>Reads a form to the end; null where all went well.</summary>
    /// <param name="http">The request.</param>
    /// <param name="body">Takes it.</param>
    /// <param name="held">Its room; null: it is not counted.</param>
    public static ValueTask<ClientError?> ReadFormAsync(HttpContext http, PooledBytes body, HeldBody? held) => ReadAsync(http, body, MostOfForm, CheckForm(http.Request), held);

    /// <summary>Reads to the end; false once there are more bytes than <paramref name="most"/>, or no room for them, which <paramref name="held"/> then tells.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<bool> TryReadAsync(HttpContext http, PooledBytes body, int most, HeldBody? held = null)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (held?.TryHold(body.Length + read.Buffer.Length) is false)
            {
                reader.AdvanceTo(read.Buffer.End);
                return false;
            }

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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<ClientError?> ReadAsync(HttpContext http, PooledBytes body, int most, ClientError? wrongType, HeldBody? held) =>
        http.Request.ContentLength > most ? TooLarge(most) : wrongType ?? held?.Refusal ?? (await TryReadAsync(http, body, most, held) ? null : held?.Refusal ?? TooLarge(most));

    /// <summary>Why a body is no form; null: it says that it is one.</summary>
    public static ClientError? CheckForm(HttpRequest request) => CheckEncoding(request) is { } encoded ? encoded
        : request.ContentType is { } type && MediaOf(type).Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) ? null
        : WrongType(request.ContentType ?? "", "multipart/form-data");

    /// <summary>Why a body is no JSON; null: it says that it is, or says nothing, as plain scripts do.</summary>
    public static ClientError? CheckType(HttpRequest request) => CheckEncoding(request) is { } encoded ? encoded
        : request.ContentType is not { Length: > 0 } type || IsJson(type) ? null
        : WrongType(type, "application/json");

    /// <summary>Why a body is not read that is encoded, and could be of any size once it is not; null: it is as it is.</summary>
    public static ClientError? CheckEncoding(HttpRequest request) => IsEncoded(request.Headers.ContentEncoding) ? Encoded : null;

    /// <summary>Whether a body is encoded, by its <c>Content-Encoding</c>.</summary>
    public static bool IsEncoded(StringValues told)
    {
        foreach (var encoding in told)
        {
            if (!string.IsNullOrEmpty(encoding) && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static ClientError WrongType(string type, string right) =>
        new(415, $"Unsupported content type: '{Shorten(type)}'. This API takes '{right}'.", "unsupported_content_type");

    private static ReadOnlySpan<char> MediaOf(ReadOnlySpan<char> type)
    {
        var end = type.IndexOf(';');
        return (end < 0 ? type : type[..end]).Trim();
    }

    private static bool IsJson(ReadOnlySpan<char> type)
    {
        var media = MediaOf(type);
        return media.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || media.Equals("text/json", StringComparison.OrdinalIgnoreCase)
            || (media.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && media.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
    }

    private static string Shorten(string text) => text.Length <= 100 ? text : $"{text[..100]}…";

    private static ClientError TooLarge(int most) => new(
        413, string.Create(CultureInfo.InvariantCulture, $"The request body is larger than {most} bytes ({most / (1024 * 1024)} MiB)."), "request_too_large");
}
