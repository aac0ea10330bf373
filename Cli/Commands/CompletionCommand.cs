using System.CommandLine;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice completion</c>: a shell's completions, asked of the program itself by its directive <c>[suggest]</c>.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _sluice() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$(${COMP_WORDS[0]} "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _sluice sluice ./sluice
        """;

    private const string Zsh = """
        #compdef sluice
        _sluice() {
          compadd -- ${(f)"$(${words[1]} "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)"}
        }
        compdef _sluice sluice ./sluice
        """;

    private const string Fish = """
        complete --command sluice --arguments '(commandline --cut-at-cursor | read --local line; sluice "[suggest:"(string length -- $line)"]" "$line" 2>/dev/null)'
        """;

    public static Command Define() => new("completion", "Print a shell's completions: source them from its start file.")
    {
        Shell("bash", Bash),
        Shell("zsh", Zsh),
        Shell("fish", Fish),
    };

    private static Command Shell(string name, string script)
    {
        var command = new Command(name, $"Completions for {name}.");
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(script.ReplaceLineEndings("\n") + "\n");
            return ExitCode.Done;
        });
        return command;
    }
}
