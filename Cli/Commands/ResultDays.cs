using System.CommandLine;
using Sluice.Cli.Admin;

namespace Sluice.Cli.Commands;

/// <summary>The options by which results are asked for: of which days, and whose.</summary>
internal sealed class ResultDays
{
    private readonly Option<string?> _from = new("--from") { Description = "The first day (UTC), such as 2026-01-31; six days before the last when not given." };
    private readonly Option<string?> _to = new("--to") { Description = "The last day (UTC); today when not given." };
    private readonly Option<string?> _tenant = new("--tenant") { Description = "Of one tenant's requests." };

    /// <summary>All of them, for the command.</summary>
    public IReadOnlyList<Symbol> All => [_from, _to, _tenant];

    /// <summary>Where the results of a resource are.</summary>
    public string PathOf(string plural, string name, ParseResult parsed, string? baseline) => ApiPath.Query(
        ApiPath.Join(plural, name, "results"), ("from", parsed.GetValue(_from)), ("to", parsed.GetValue(_to)), ("tenant", parsed.GetValue(_tenant)), ("baseline", baseline));
}
