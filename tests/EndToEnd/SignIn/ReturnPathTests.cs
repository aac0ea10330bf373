using Sluice.Silo.Console.Session;

namespace Sluice.Tests.EndToEnd.SignIn;

/// <summary>Where a sign-in may lead.</summary>
public sealed class ReturnPathTests
{
    [Theory]
    [InlineData("/console/revisions/3?x=1", "/console/revisions/3?x=1")]
    [InlineData("/console/", "/console/")]
    [InlineData("/console/kinds/models/gpt%2F5", "/console/kinds/models/gpt%2F5")]
    [InlineData(null, "/console/")]
    [InlineData("", "/console/")]
    [InlineData("/", "/console/")]
    [InlineData("/api/v1/whoami", "/console/")]
    [InlineData("https://evil.example.com/console/", "/console/")]
    [InlineData("//evil.example.com/console/", "/console/")]
    [InlineData("/console/../api/v1/admin-keys", "/console/")]
    [InlineData("/console/%2e%2e/api", "/console/")]
    [InlineData("/console/\\evil.example.com", "/console/")]
    [InlineData("/console\\..\\", "/console/")]
    [InlineData("/console/a\r\nSet-Cookie: x", "/console/")]
    [InlineData("javascript:alert(1)", "/console/")]

    // Whatever stands behind it, it begins at this host.
    [InlineData("/console/https://evil.example.com", "/console/https://evil.example.com")]
    [InlineData("/console///evil.example.com", "/console///evil.example.com")]
    public void A_sign_in_leads_to_the_console_and_nowhere_else(string? asked, string expected) => Assert.Equal(expected, ReturnPath.Of(asked));
}
