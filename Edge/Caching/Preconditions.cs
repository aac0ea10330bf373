using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Sluice.Edge.Caching;

/// <summary>What a client says that it has already: RFC 9110, section 13.</summary>
/// <param name="IfNoneMatch">Empty: not given.</param>
/// <param name="IfModifiedSince">Empty: not given.</param>
internal readonly record struct Preconditions(StringValues IfNoneMatch, StringValues IfModifiedSince)
{
    /// <summary>Of a request.</summary>
    public static Preconditions Of(IHeaderDictionary request) => new(request.IfNoneMatch, request.IfModifiedSince);

    /// <summary>Whether the client has an answer already, and is told so by 304.</summary>
    /// <param name="status">Of the answer.</param>
    /// <param name="etag">Of the answer; empty: none.</param>
    /// <param name="lastModified">Of the answer; empty: none.</param>
    public bool AreMetBy(int status, StringValues etag, StringValues lastModified)
    {
        if (status is not 200 || (IfNoneMatch.Count == 0 && IfModifiedSince.Count == 0))
        {
            return false;
        }

        if (IfNoneMatch.Count > 0)
        {
            // Weakly compared; where it is given, the date says nothing.
            return EntityTagHeaderValue.TryParse(etag.ToString(), out var own) && EntityTagHeaderValue.TryParseList(IfNoneMatch, out var given)
                && given.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(own, useStrongComparison: false));
        }

        return HeaderUtilities.TryParseDate(lastModified.ToString(), out var modified) && HeaderUtilities.TryParseDate(IfModifiedSince.ToString(), out var since) && modified <= since;
    }
}
