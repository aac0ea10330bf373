using System.Text;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.CallLog.Bodies;

/// <summary>What is kept of a body: text without what is never kept, or why there is none. Pure.</summary>
internal static class BodyRedaction
{
    private const string Json = "application/json";
    private const string Events = "text/event-stream";

    /// <summary>The body as it is kept.</summary>
    /// <param name="body">Its beginning.</param>
    /// <param name="size">Of all of it.</param>
    /// <param name="type">As its header said; null: it had none.</param>
    /// <param name="isEncoded">Whether it had a Content-Encoding.</param>
    /// <param name="rules">What is not kept.</param>
    public static LoggedBody Of(ReadOnlySpan<byte> body, long size, string? type, bool isEncoded, CompiledBodyLogging rules)
    {
        var media = (type ?? "").Split(';')[0].Trim().ToLowerInvariant();
        if (size == 0)
        {
            return new LoggedBody(media, size, "", null);
        }

        if (isEncoded)
        {
            return new LoggedBody(media, size, null, "it is compressed");
        }

        if (media is Json || media.EndsWith("+json", StringComparison.Ordinal))
        {
            return JsonRedaction.Redact(body, rules) is { } json ? new LoggedBody(media, size, json, Cut(body, size)) : new LoggedBody(media, size, null, "it is not JSON, as it says");
        }

        if (media is Events)
        {
            return new LoggedBody(media, size, StreamText.Of(body, rules), Cut(body, size));
        }

        return media.StartsWith("text/", StringComparison.Ordinal) || media is "application/xml" || media.EndsWith("+xml", StringComparison.Ordinal)
            ? new LoggedBody(media, size, Detectors.Redact(Whole(Encoding.UTF8.GetString(body), isCut: body.Length < size), rules), Cut(body, size))
            : new LoggedBody(media, size, null, "it is no text, XML or JSON");
    }

    private static string? Cut(ReadOnlySpan<byte> body, long size) => body.Length < size ? "what follows was more than is kept" : null;

    // The last word may be half of what would be found.
    private static string Whole(string text, bool isCut) => isCut ? text[..(text.AsSpan().LastIndexOfAny(" \n\t\r") + 1)] : text;
}
