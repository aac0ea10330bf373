using Sluice.Silo.Console.Hosting;

namespace Sluice.Silo.Console.Session;

/// <summary>Where a browser goes on after a sign-in: to a page of the console, whatever an address in a link asks for.</summary>
internal static class ReturnPath
{
    private static readonly Uri Here = new("http://here/");

    /// <summary>The path of a page of the console with its query, from <c>/console/</c> on.</summary>
    public static string Of(string? asked) =>
        asked is not null && asked.StartsWith($"{ConsoleHost.Path}/", StringComparison.Ordinal) && !asked.Contains('\\', StringComparison.Ordinal) && !asked.Any(char.IsControl)
        && Uri.TryCreate(Here, asked, out var address) && string.Equals(address.Authority, Here.Authority, StringComparison.Ordinal)
        && address.AbsolutePath.StartsWith($"{ConsoleHost.Path}/", StringComparison.Ordinal)
            ? address.PathAndQuery
            : $"{ConsoleHost.Path}/";
}
