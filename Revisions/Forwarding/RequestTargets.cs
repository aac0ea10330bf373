using System.Buffers;

namespace Sluice.Revisions.Forwarding;

/// <summary>Targets of requests that two servers in a row could read differently (docs/security.md).</summary>
public static class RequestTargets
{
    // Encoded twice they are the same: what is decoded once is a plain %2e, which forwarding leaves as it is and the next server decodes.
    private static readonly string[] HiddenInPath = ["%2f", "%5c", "%00", "\\", "%2e", "%252f", "%255c", "%2500", "%252e"];

    // In frames (HTTP/2, HTTP/3) a target is any text; in a line of HTTP/1.1 a space would end it.
    private static readonly SearchValues<char> NeverInTargets = SearchValues.Create([.. Enumerable.Range(0, ' ' + 1).Select(code => (char)code), '#', '\u007f']);

    /// <summary>What is wrong with a target as it was sent, such as <c>a path with %2f</c>; null: nothing.</summary>
    public static string? FindWrong(ReadOnlySpan<char> target)
    {
        if (target.ContainsAny(NeverInTargets))
        {
            return "a target with a space, a control character or '#'";
        }

        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        if (path.ContainsAny('%', '\\'))
        {
            foreach (var hidden in HiddenInPath)
            {
                if (path.Contains(hidden, StringComparison.OrdinalIgnoreCase))
                {
                    return $"a path with {hidden}";
                }
            }
        }

        return PathOf(path).Contains("//", StringComparison.Ordinal) ? "a path with an empty segment" : null;
    }

    // The target may be a whole address (RFC 9112 §3.2.2): its path begins behind the authority.
    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> target)
    {
        var authority = target.IndexOf("://", StringComparison.Ordinal);
        if (target.StartsWith('/') || authority < 0)
        {
            return target;
        }

        var rest = target[(authority + 3)..];
        var slash = rest.IndexOf('/');
        return slash < 0 ? default : rest[slash..];
    }
}
