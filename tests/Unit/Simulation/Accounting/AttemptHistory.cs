using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>The provider's bill by attempt, and Q4: after quiet it and the ledger's records match one to one.</summary>
/// <param name="broken">Is told what does not, and does not return.</param>
internal sealed class AttemptHistory(Action<string, string> broken)
{
    private readonly Dictionary<string, long> _bill = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SimulatedRecords> _holders = new(StringComparer.Ordinal);

    /// <summary>The provider billed, for an attempt.</summary>
    public void Billed(string attempt, long amount) => CollectionsMarshal.GetValueRefOrAddDefault(_bill, attempt, out _) += amount;

    /// <summary>An edge answers for the record of an attempt.</summary>
    public void HeldBy(string attempt, SimulatedRecords edge) => _holders[attempt] = edge;

    /// <summary>After all is quiet.</summary>
    public void CheckQuiet(ImmutableArray<UsageBatch> stored)
    {
        var recorded = new HashSet<string>(StringComparer.Ordinal);
        foreach (var record in stored.SelectMany(batch => batch.Records))
        {
            if (!recorded.Add(record.Id))
            {
                broken("Q4", $"{record.Id} is in the ledger more than once");
            }

            if (!_bill.TryGetValue(record.Id, out var billed))
            {
                broken("Q4", $"{record.Id} is in the ledger and was never billed");
            }

            var told = record.Tokens.Output;
            if (record.Source is UsageSource.Reported ? told != billed : told < billed)
            {
                broken("Q4", $"{record.Id} was billed {billed}; its record tells {told} as {record.Source}");
            }
        }

        foreach (var (attempt, amount) in _bill)
        {
            // An edge that is gone with its disk takes along what it had not sent.
            if (!recorded.Contains(attempt) && !_holders[attempt].IsLost)
            {
                broken("Q4", $"{attempt} was billed {amount} and is not in the ledger");
            }
        }
    }
}
