using System.CommandLine;
using System.Text.Json;
using Sluice.Silo.Admin;
using Spectre.Console;

namespace Sluice.Cli.Admin;

/// <summary>One run of a command that speaks to the admin API: the client, and where the answer goes.</summary>
internal sealed class AdminSession : IDisposable
{
    private const int PipeWidth = 200;

    private static readonly Option<string?> Url = new("--admin-url")
    {
        Description = "The admin API's address; else SLUICE_ADMIN_URL, else http://127.0.0.1:7070.",
    };

    private static readonly Option<string?> Key = new("--admin-key")
    {
        Description = "An admin key; else SLUICE_ADMIN_KEY, which does not show in the list of processes.",
    };

    private static readonly Option<string?> Authority = new("--ca")
    {
        Description = "A PEM file with the CA of the admin API's certificate, which alone is then trusted; else SLUICE_ADMIN_CA, else the CAs of the system.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> AsJson = new("--json") { Description = "Print the API's JSON instead of a table." };

    private AdminSession(ParseResult parsed)
    {
        Client = Connect(parsed, isKeyNeeded: true);
        Json = IsJson(parsed);
        Output = parsed.InvocationConfiguration.Output;
        Error = parsed.InvocationConfiguration.Error;
        Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Output) });
        if (!Console.Profile.Out.IsTerminal)
        {
            // Lines into a pipe are not wrapped to a terminal that is not there, nor coloured for it.
            Console.Profile.Width = PipeWidth;
            Console.Profile.Capabilities.Ansi = false;
        }
    }

    public AdminClient Client { get; }

    public bool Json { get; }

    public TextWriter Output { get; }

    public TextWriter Error { get; }

    /// <summary>For tables and colours.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>A command with the options of every admin command.</summary>
    public static Command Define(string name, string description, Func<AdminSession, ParseResult, CancellationToken, Task<int>> run, params ReadOnlySpan<Symbol> symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Option option:
                    command.Add(option);
                    break;
                case Argument argument:
                    command.Add(argument);
                    break;
                default:
                    throw new ArgumentException($"Neither option nor argument: {symbol.Name}.", nameof(symbols));
            }
        }

        AddOptions(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var session = new AdminSession(parsed);
            return await run(session, parsed, cancellation);
        });
        return command;
    }

    /// <summary>Adds the options of every admin command.</summary>
    public static void AddOptions(Command command)
    {
        command.Add(Url);
        command.Add(Key);
        command.Add(Authority);
        command.Add(AsJson);
    }

    /// <summary>The client that the options and the environment ask for.</summary>
    /// <exception cref="UsageException">They ask for what cannot be, or there is no key and one is needed.</exception>
    public static AdminClient Connect(ParseResult parsed, bool isKeyNeeded)
    {
        var address = parsed.GetValue(Url) ?? Environment.GetEnvironmentVariable("SLUICE_ADMIN_URL") ?? "http://127.0.0.1:7070";
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new UsageException($"the admin API's address must begin with http:// or https://, is '{address}'");
        }

        var key = parsed.GetValue(Key) ?? Environment.GetEnvironmentVariable("SLUICE_ADMIN_KEY");
        if (string.IsNullOrWhiteSpace(key))
        {
            key = isKeyNeeded
                ? throw new UsageException("an admin key is needed: set SLUICE_ADMIN_KEY or give --admin-key; 'sluice up' prints the first one at its first start")
                : null;
        }

        var authority = parsed.GetValue(Authority) ?? Environment.GetEnvironmentVariable("SLUICE_ADMIN_CA");
        return new AdminClient(uri, key?.Trim(), string.IsNullOrWhiteSpace(authority) ? null : PrivateAuthority.Read(authority));
    }

    /// <summary>Whether JSON is wanted.</summary>
    public static bool IsJson(ParseResult parsed) => parsed.GetValue(AsJson);

    /// <summary>Prints an answer as one line of JSON.</summary>
    public int WriteJson<T>(T answer)
    {
        Output.WriteLine(JsonSerializer.Serialize(answer, AdminJson.Options));
        return ExitCode.Done;
    }

    /// <summary>Prints an answer as JSON where that was asked for, else as lines for people.</summary>
    public int Tell<T>(T answer, params ReadOnlySpan<string> lines)
    {
        if (Json)
        {
            return WriteJson(answer);
        }

        foreach (var line in lines)
        {
            Output.WriteLine(line);
        }

        return ExitCode.Done;
    }

    /// <summary>Prints an answer as JSON where that was asked for, else as a table.</summary>
    public int Write<T>(T answer, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        if (Json)
        {
            return WriteJson(answer);
        }

        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))) { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        Console.Write(table);
        return ExitCode.Done;
    }

    /// <summary>Prints a table as comma-separated values.</summary>
    public int WriteCsv(IEnumerable<string> columns, IEnumerable<IEnumerable<string>> rows)
    {
        foreach (var row in rows.Prepend(columns))
        {
            Output.Write(Csv.Line(row));
        }

        return ExitCode.Done;
    }

    public void Dispose() => Client.Dispose();
}
