using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Admin;

/// <summary>The Orleans Dashboard on the admin port. It is no part of the API's description, so the walk through that does not see it.</summary>
public sealed class DashboardTests(SharedGateway shared)
{
    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/dashboard/")]
    [InlineData("/dashboard/index.min.js")]
    [InlineData("/dashboard/DashboardCounters")]
    public async Task It_asks_for_a_key_in_a_way_that_browsers_understand(string path)
    {
        using var answer = await GetAsync(path, null);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.StartsWith("Basic realm=", answer.Headers.WwwAuthenticate.Single().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_and_a_wrong_password_are_refused()
    {
        var viewer = await KeyAsync("viewer");

        using var forbidden = await GetAsync("/dashboard/DashboardCounters", Basic(viewer));
        using var wrong = await GetAsync("/dashboard/DashboardCounters", Basic($"slc_admin_{new string('a', 49)}"));

        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
    }

    [Fact]
    public async Task An_operator_sees_the_pages_and_the_silo()
    {
        var key = await KeyAsync("operator");

        using var page = await GetAsync("/dashboard/", Basic(key));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        using var script = await GetAsync("/dashboard/index.min.js", Basic(key));
        Assert.Equal(HttpStatusCode.OK, script.StatusCode);

        await Eventually.TrueAsync(
            async () =>
            {
                var counters = await DataAsync("DashboardCounters?exclude=Orleans&exclude=System", new AuthenticationHeaderValue("Bearer", key));
                return counters.GetProperty("totalActiveHostCount").GetInt32() is 1
                    && counters.GetProperty("simpleGrainStats").EnumerateArray().Any(s => s.GetProperty("grainType").GetString()!.EndsWith("FleetGrain", StringComparison.Ordinal));
            },
            "the dashboard counts one silo and its grains");
    }

    [Theory]
    [InlineData("GrainState?grainId=default&grainType=Sluice.Grains.Tenants.AdminKeysGrain", HttpStatusCode.NotFound)]
    [InlineData("grainstate/", HttpStatusCode.NotFound)]
    [InlineData("Trace", HttpStatusCode.Forbidden)]
    public async Task Neither_grains_state_nor_log_lines_are_shown_to_anybody(string path, HttpStatusCode expected)
    {
        using var answer = await GetAsync($"/dashboard/{path}", Basic(shared.Gateway.AdminKey));

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task The_API_takes_no_passwords()
    {
        using var answer = await GetAsync("/api/v1/whoami", Basic(shared.Gateway.AdminKey));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
    }

    private static AuthenticationHeaderValue Basic(string key) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{key}")));

    private async Task<string> KeyAsync(string role) =>
        (await shared.Gateway.Admin.PostAsync("admin-keys", new { name = $"dashboard {role}", role })).GetProperty("key").GetString()!;

    private async Task<JsonElement> DataAsync(string path, AuthenticationHeaderValue key)
    {
        using var answer = await GetAsync($"/dashboard/{path}", key);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
    }

    private async Task<HttpResponseMessage> GetAsync(string path, AuthenticationHeaderValue? key)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = shared.Gateway.Sluice.Admin };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = key;
        return await client.SendAsync(request);
    }
}
