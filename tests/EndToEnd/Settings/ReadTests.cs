using System.Net;
using System.Text;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Settings;

/// <summary>What services read, in Sluice's own form and in that of Spring Cloud Config.</summary>
public sealed class ReadTests(SharedGateway shared)
{
    // Of these tests alone: what all share would reach every other test's application.
    private const string Bundle = """
        kind: Setting
        name: read-shared
        profile: read-tests
        values: { log: { level: info }, database: { host: shared, pool: 5 }, hosts: [a, b] }
        ---
        kind: Setting
        name: read-app
        app: reader
        values: { database: { host: own, "odd key": true }, ratio: 0.5, hosts: [z] }
        ---
        kind: Setting
        name: read-app-profile
        app: reader
        profile: read-tests
        values: { database: { port: 5432 }, nested: [{ name: first }, { name: second }] }
        ---
        kind: Flag
        name: read-flag
        app: reader
        default: false
        rules: [{ subjects: [ada], value: true }, { share: 5000, value: true }]
        """;

    [Fact]
    public async Task An_application_reads_its_merged_values_with_the_revision_as_ETag()
    {
        var revision = await shared.Gateway.Admin.ApplyAsync(Bundle);
        using var reader = new SettingsReader(shared.Gateway);

        using var answer = await reader.GetAsync("/api/v1/settings/reader/values?profile=read-tests&subject=ada");

        var body = await JsonAsync(answer);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(
            """{"database":{"host":"own","odd key":true,"pool":5,"port":5432},"hosts":["z"],"log":{"level":"info"},"nested":[{"name":"first"},{"name":"second"}],"ratio":0.5}""",
            body.GetProperty("values").GetRawText());
        Assert.Equal("""{"value":true,"reason":"subjects"}""", body.GetProperty("flags").GetProperty("read-flag").GetRawText());
        var tag = answer.Headers.ETag!.Tag;
        Assert.True(long.Parse(tag.Trim('"'), System.Globalization.CultureInfo.InvariantCulture) >= revision);
        Assert.Equal($"\"{body.GetProperty("revision").GetRawText()}\"", tag);
    }

    [Fact]
    public async Task A_reader_that_has_the_active_revision_is_told_so_until_another_is_active()
    {
        // A gateway of its own: no other test may publish between the calls.
        await using var gateway = await Gateway.StartAsync();
        await gateway.Admin.ApplyAsync(Bundle);
        using var reader = new SettingsReader(gateway);
        using var first = await reader.GetAsync("/api/v1/settings/reader/values");
        var tag = first.Headers.ETag!.ToString();

        using var same = await reader.GetAsync("/api/v1/settings/reader/values", ("If-None-Match", $"\"x\", W/{tag}"));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(tag, same.Headers.ETag!.ToString());
        Assert.Empty(await same.Content.ReadAsByteArrayAsync());

        await gateway.Admin.DeleteAsync("settings/read-app");
        using var other = await reader.GetAsync("/api/v1/settings/reader/values", ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal("{}", (await JsonAsync(other)).GetProperty("values").GetRawText());
    }

    [Theory]
    [InlineData("a%20b/values", "path: app")]
    [InlineData("reader/values?profile=a,,b", "query: profile")]
    [InlineData("reader/values?profile=a,A", "query: profile")]
    [InlineData("reader/values?profile=a,b,c,d,e,f,g,h,i", "query: profile")]
    [InlineData("reader/values?subjct=x", "query: subjct")]
    [InlineData("reader/watch?profile=a%20b", "query: profile")]
    public async Task What_is_asked_wrongly_is_told_with_its_place(string path, string place)
    {
        using var reader = new SettingsReader(shared.Gateway);

        using var answer = await reader.GetAsync($"/api/v1/settings/{path}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(place, (await JsonAsync(answer)).GetProperty("errors")[0].GetProperty("path").GetString());
    }

    [Theory]
    [InlineData("/config/reader/read-tests")]
    [InlineData("/config/reader/read-tests/main")]
    public async Task Clients_of_Spring_Cloud_Config_read_whole_keys_the_most_special_source_first(string path)
    {
        await shared.Gateway.Admin.ApplyAsync(Bundle);
        using var client = Basic(shared.Gateway.AdminKey);

        var body = JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync(path));

        Assert.Equal("reader", body.GetProperty("name").GetString());
        Assert.Equal("""["read-tests"]""", body.GetProperty("profiles").GetRawText());
        Assert.Matches("^[0-9]+$", body.GetProperty("version").GetString());
        var sources = body.GetProperty("propertySources").EnumerateArray().ToArray();
        Assert.Equal(["sluice:Setting/read-app-profile", "sluice:Setting/read-app", "sluice:Setting/read-shared"], sources.Select(s => s.GetProperty("name").GetString()));
        Assert.Equal(
            [
                """{"database.port":5432,"nested[0].name":"first","nested[1].name":"second"}""",
                """{"database.host":"own","database.odd key":true,"hosts[0]":"z","ratio":0.5}""",
                """{"database.pool":5,"log.level":"info"}""",
            ],
            sources.Select(s => s.GetProperty("source").GetRawText()));
    }

    [Fact]
    public async Task A_label_of_Spring_Cloud_Config_is_a_revision_that_stays_readable()
    {
        var admin = shared.Gateway.Admin;
        var before = await admin.ApplyAsync("kind: Setting\nname: labelled\napp: labelled\nvalues: { database: { host: old } }");
        await admin.ApplyAsync("kind: Setting\nname: labelled\napp: labelled\nvalues: { database: { host: new } }");
        using var client = Basic(shared.Gateway.AdminKey);

        Assert.Contains("\"database.host\":\"old\"", await client.GetStringAsync(FormattableString.Invariant($"/config/labelled/default/{before}")), StringComparison.Ordinal);
        Assert.Contains("\"database.host\":\"new\"", await client.GetStringAsync("/config/labelled/default"), StringComparison.Ordinal);
        using var unknown = await client.GetAsync("/config/labelled/default/no-such");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task A_password_that_is_no_admin_key_is_refused_and_Basic_opens_nothing_of_the_API()
    {
        using var wrong = Basic(shared.Gateway.TenantKey);
        using var refused = await wrong.GetAsync("/config/reader/default");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("Basic", refused.Headers.WwwAuthenticate.Single().Scheme);

        using var right = Basic(shared.Gateway.AdminKey);
        using var other = await right.GetAsync("/api/v1/settings/reader/values");
        Assert.Equal(HttpStatusCode.Unauthorized, other.StatusCode);
    }

    private HttpClient Basic(string password)
    {
        var client = new HttpClient { BaseAddress = shared.Gateway.Sluice.Admin, Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"anyone:{password}")));
        return client;
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
}
