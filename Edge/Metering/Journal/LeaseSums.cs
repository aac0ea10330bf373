using System.Runtime.InteropServices;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering.Journal;

/// <summary>What names a lease.</summary>
internal readonly record struct LeaseName(string Budget, string Subject, string Holder, long Window)
{
    /// <summary>Of a charge.</summary>
    public static LeaseName Of(in LeaseCharge charge) => new(charge.Budget, charge.Subject, charge.Holder, charge.Window);

    /// <summary>With an amount.</summary>
    public LeaseCharge With(long amount) => new(Budget, Subject, Holder, Window, amount);
}

/// <summary>What records charged to leases, in sums. For use by one at a time.</summary>
internal sealed class LeaseSums
{
    private readonly Dictionary<LeaseName, long> _sums = [];

    /// <summary>The sums.</summary>
    public IReadOnlyDictionary<LeaseName, long> Sums => _sums;

    /// <summary>Takes a record.</summary>
    public void Take(AttemptRecord record)
    {
        foreach (var charge in record.Charges)
        {
            Add(charge);
        }
    }

    /// <summary>Adds to a lease.</summary>
    public void Add(in LeaseCharge charge) => CollectionsMarshal.GetValueRefOrAddDefault(_sums, LeaseName.Of(charge), out _) += charge.Amount;
}
