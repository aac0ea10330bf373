namespace Sluice.Revisions.Compiled;

/// <summary>
/// What a cookie says that edges issue: an id, a dot and its signature, each of 128 bits in base64url. Where the id is anybody can tell; that an edge issued it, only who has the edges' key.
/// </summary>
public static class IssuedId
{
    /// <summary>The characters of an id, and of a signature.</summary>
    public const int PartLength = 22;

    /// <summary>The characters of the whole.</summary>
    public const int Length = (2 * PartLength) + 1;

    /// <summary>The id, whether it was issued or not; null: it has not the form of one.</summary>
    public static string? Of(string? value) => value is { Length: Length } && value[PartLength] == '.' ? value[..PartLength] : null;
}
