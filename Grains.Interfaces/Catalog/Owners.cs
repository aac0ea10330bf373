namespace Sluice.Grains.Interfaces.Catalog;

/// <summary>
/// How the owners of resources are written: <c>api</c> for calls, the command line and the console, which is one way in; <c>folder:name</c> and <c>git:name</c> for
/// sources; <c>acme</c> for certificates that were obtained. A resource of before there were owners is the API's.
/// </summary>
public static class Owners
{
    /// <summary>Whatever comes through the admin API.</summary>
    public const string Api = "api";

    /// <summary>The silos themselves, for certificates that they obtained.</summary>
    public const string Acme = "acme";

    /// <summary>Whose a resource is.</summary>
    public static string Of(ResourceBody body) => body.Owner ?? Api;
}
