using System.CommandLine;
using System.Text.Json;
using Sluice.Cli.OpenApi;
using Sluice.Revisions;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice import</c>: makes a bundle of what other tools describe. It asks no gateway.</summary>
internal static class ImportCommand
{
    public static Command Define() => new("import", "Make a bundle of an API's description.") { OpenApi() };

    private static Command OpenApi()
    {
        var file = new Argument<string>("file") { Description = "An OpenAPI description (2.0, 3.0 or 3.1; YAML or JSON), or - for the input." };
        var upstream = new Option<string>("--upstream") { Description = "Where its requests go: the name of an upstream, or an address, of which one is made.", Required = true, HelpName = "NAME|ADDRESS" };
        var name = new Option<string?>("--name") { Description = "With which the names of routes begin; as the description's title has it." };
        var path = new Option<string?>("--path") { Description = "Where its paths begin at the gateway; where its first server has them." };
        var hosts = new Option<string[]>("--host") { Description = "The routes' host; may be given more than once." };
        var key = new Option<bool>("--key") { Description = "The routes ask for a client's key." };
        var noValidation = new Option<bool>("--no-validation") { Description = "Requests are not checked." };
        var strict = new Option<bool>("--strict-query") { Description = "Parameters of the query that the description does not have are refused." };
        var command = new Command("openapi", "Make routes of an OpenAPI description, one of each operation, and print them as a bundle.") { file, upstream, name, path, hosts, key, noValidation, strict };
        command.SetAction(async (parsed, cancellation) =>
        {
            var choices = new ImportChoices(
                CheckUpstream(parsed.GetRequiredValue(upstream)), parsed.GetValue(name), CheckPath(parsed.GetValue(path)), [.. parsed.GetValue(hosts) ?? []], parsed.GetValue(key), !parsed.GetValue(noValidation), parsed.GetValue(strict));
            var (document, unread) = OpenApiImport.Read(await ReadAsync(parsed.GetRequiredValue(file), cancellation));
            var (resources, notes) = OpenApiImport.Import(document, choices);
            using var bundle = new StringWriter();
            BundleWriter.WriteYaml(bundle, resources.Select(r => JsonSerializer.SerializeToElement(r)));
            await parsed.InvocationConfiguration.Output.WriteLineAsync(bundle.ToString().TrimEnd('\n'));
            foreach (var note in unread.Concat(notes).Distinct(StringComparer.Ordinal))
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"note: {note}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static string CheckUpstream(string upstream) =>
        upstream.Contains("://", StringComparison.Ordinal) || Names.IsResource(upstream) ? upstream : throw new UsageException($"--upstream must be a name or an address such as http://10.0.0.2:8080; is '{upstream}'");

    private static string? CheckPath(string? path) => path is null || path.StartsWith('/') ? path : throw new UsageException($"--path must begin with '/'; is '{path}'");

    private static async Task<string> ReadAsync(string file, CancellationToken cancellation)
    {
        try
        {
            return file is "-" ? await Console.In.ReadToEndAsync(cancellation) : await File.ReadAllTextAsync(file, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{file} cannot be read: {e.Message}");
        }
    }
}
