namespace Sluice.Tests.EndToEnd.Routes;

/// <summary>Routes that are on for some: decided by the flag of the request's revision.</summary>
public sealed class FlagTests(EchoingGateway echoing) : IClassFixture<EchoingGateway>
{
    [Fact]
    public async Task A_route_is_on_for_those_for_whom_its_flag_is_and_off_again_when_the_flags_change_returns()
    {
        await FlagAsync("[{ subjects: [ada], value: true }]");
        await echoing.Gateway.ApplyAsync("""
            { kind: Route, name: flagged-old, match: { path: /flagged }, split: [{ upstream: a }] }
            ---
            { kind: Route, name: flagged-new, match: { path: /flagged, when: { flag: new-shop, by: header, name: x-user } }, split: [{ upstream: b }] }
            """);
        using var client = echoing.Client();

        Assert.Equal(("b", "a", "a"), (await AskAsync(client, "ada"), await AskAsync(client, "bob"), await AskAsync(client, null)));
        await FlagAsync("[{ share: 10000, value: true }]");
        Assert.Equal(("b", "b", "a"), (await AskAsync(client, "ada"), await AskAsync(client, "bob"), await AskAsync(client, null)));
        await FlagAsync(null);
        Assert.Equal(("a", "a"), (await AskAsync(client, "ada"), await AskAsync(client, "bob")));
    }

    [Fact]
    public async Task By_subject_it_is_on_for_those_whose_key_says_so_and_others_meet_the_public_route()
    {
        await FlagAsync("[{ share: 10000, value: true }]");
        await echoing.Gateway.ApplyAsync("""
            { kind: Route, name: keyed-old, match: { path: /keyed }, split: [{ upstream: a }] }
            ---
            { kind: Route, name: keyed-new, match: { path: /keyed, when: { flag: new-shop, by: subject } }, access: key, split: [{ upstream: b }] }
            """);
        using var anonymous = echoing.Client();
        using var known = echoing.Gateway.Client();

        Assert.Equal("a", await PartOf(anonymous, "/keyed"));
        Assert.Equal("b", await PartOf(known, "/keyed"));
        await echoing.Gateway.ApplyAsync("{ kind: Route, name: keyed-old, match: { path: /keyed }, stage: retired, split: [{ upstream: a }] }");
        Assert.Equal("b", await PartOf(known, "/keyed"));
    }

    private Task FlagAsync(string? rules) => echoing.Gateway.Admin.ApplyAsync($"{{ kind: Flag, name: new-shop, default: false{(rules is null ? "" : $", rules: {rules}")} }}");

    private static async Task<string> AskAsync(HttpClient client, string? user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/flagged");
        if (user is not null)
        {
            request.Headers.Add("x-user", user);
        }

        using var answer = await client.SendAsync(request);
        return (await EchoingGateway.ToldAsync(answer)).GetProperty("upstream").GetString()!;
    }

    private static async Task<string> PartOf(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return (await EchoingGateway.ToldAsync(answer)).GetProperty("upstream").GetString()!;
    }
}
