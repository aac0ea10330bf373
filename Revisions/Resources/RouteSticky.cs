namespace Sluice.Revisions.Resources;

/// <summary>What keeps a user on one part of a split: a hash of this value, so that raising a share moves users only into the part that grew.</summary>
/// <param name="By">Where the value is.</param>
/// <param name="Name">Of the header or cookie; null by subject.</param>
public sealed record Sticky(StickyBy By, string? Name)
{
    /// <summary>Edges give a cookie to clients that have none, and then take no value but their own; null: the service sets it, or nobody does.</summary>
    public StickyIssue? Issue { get; init; }
}

/// <summary>Where the value is that stands for a user: <c>header</c>, <c>cookie</c>, or <c>subject</c> (the key's user, else the key).</summary>
public enum StickyBy
{
    Header,
    Cookie,
    Subject,
}

/// <summary>The attributes of a cookie that edges issue (RFC 6265). It is always <c>HttpOnly</c>.</summary>
/// <param name="MaxAge">1 second to 400 days; null: until the browser ends.</param>
/// <param name="Path">Begins with a slash. Default <c>/</c>.</param>
/// <param name="Domain">Null: the host that was asked alone.</param>
/// <param name="Secure">Null: where the client came over https.</param>
/// <param name="SameSite">Default <c>lax</c>.</param>
public sealed record StickyIssue(TimeSpan? MaxAge, string Path, string? Domain, bool? Secure, StickySameSite SameSite);

/// <summary>With which requests of other sites' pages a browser sends a cookie along.</summary>
public enum StickySameSite
{
    Lax,
    Strict,
    None,
}
