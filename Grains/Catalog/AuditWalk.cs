using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Catalog;

/// <summary>Walks along the audit chain, entry by entry, and notes where it is broken. Entries from before there was a chain have no hash and end nothing. Plain rules.</summary>
public sealed class AuditWalk
{
    private const int MostFaults = 100;
    private readonly List<string> _faults = [];
    private string _last = "";
    private long _entries;

    /// <summary>The next entry in order.</summary>
    public void Take(AuditEntry entry)
    {
        var number = entry.Info.Number.ToString(CultureInfo.InvariantCulture);
        _entries++;
        if (entry.Info.Number != _entries)
        {
            Note($"entry {number} stands in place {_entries.ToString(CultureInfo.InvariantCulture)}");
        }

        if (entry.Hash.Length == 0 && _last.Length == 0)
        {
            return;
        }

        if (!string.Equals(entry.Previous, _last, StringComparison.Ordinal))
        {
            Note($"entry {number} follows on {Short(entry.Previous)}, the one before it is {Short(_last)}");
        }

        if (AuditChain.Hash(entry.Previous, entry.Info) is var hash && !string.Equals(entry.Hash, hash, StringComparison.Ordinal))
        {
            Note($"entry {number} was altered: its hash is {Short(hash)}, what is stored says {Short(entry.Hash)}");
        }

        _last = entry.Hash;
    }

    /// <summary>The end of the chain, as the head's row has it.</summary>
    public AuditReport End(string head)
    {
        if (!string.Equals(head, _last, StringComparison.Ordinal))
        {
            Note($"the head holds {Short(head)}, the last entry is {Short(_last)}");
        }

        return new AuditReport(_entries, head, [.. _faults]);
    }

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] : hash.Length > 0 ? hash : "nothing";

    private void Note(string fault)
    {
        if (_faults.Count < MostFaults)
        {
            _faults.Add(fault);
        }
    }
}
