using System.CommandLine;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Cli.Admin;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice prompt list</c> and <c>sluice prompt show</c></summary>
internal static class PromptResourceCommands
{
    private const string Kind = "prompts";

    public static Command DefineList() => AdminSession.Define(
        "list",
        "List the prompts: versions, which of them answer, models and where they are published.",
        async (session, _, cancellation) =>
        {
            PromptDeclaration[] prompts = [.. (await session.Client.GetAsync<ResourceList>(Kind, cancellation)).Items.Select(PromptDeclaration.Of)];
            return session.Write(
                prompts,
                ["NAME", "VERSIONS", "ANSWER", "MODELS", "PATH"],
                prompts.Select(prompt => new[]
                {
                    prompt.Name,
                    string.Join(", ", prompt.Versions.Select(version => version.Version.ToString(CultureInfo.InvariantCulture))),
                    string.Join(", ", prompt.Split.Where(part => part.Weight > 0).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Version}: {prompt.ShareOf(part.Version)}"))),
                    string.Join(", ", prompt.Versions.Select(version => version.Model).Distinct(StringComparer.Ordinal)),
                    prompt.Path ?? "",
                }));
        });

    public static Command DefineShow()
    {
        var name = new Argument<string>("prompt") { Description = "The prompt's name." };
        var version = new Option<int?>("--prompt-version", "--version") { Description = "One version; all when not given." };
        return AdminSession.Define(
            "show",
            "Show the wording of a prompt: its messages, variables and parameters, by version.",
            async (session, parsed, cancellation) =>
            {
                var asked = parsed.GetRequiredValue(name);
                using var answer = await session.Client.OpenAsync(HttpMethod.Get, ApiPath.Join(Kind, asked), null, null, cancellation);
                var prompt = PromptDeclaration.Of(new ResourceItem("Prompt", asked, "", await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation), ""));
                var shown = parsed.GetValue(version) is { } number
                    ? prompt with { Versions = [prompt.Versions.FirstOrDefault(each => each.Version == number) ?? throw NoVersion(prompt, number)] }
                    : prompt;
                return session.Tell(shown, [.. shown.Versions.SelectMany((each, i) => i == 0 ? each.Lines(prompt) : each.Lines(prompt).Prepend(""))]);
            },
            name,
            version);
    }

    private static UsageException NoVersion(PromptDeclaration prompt, int number) => new(string.Create(
        CultureInfo.InvariantCulture, $"the prompt '{prompt.Name}' has no version {number}; it has {string.Join(", ", prompt.Versions.Select(version => version.Version))}"));
}
