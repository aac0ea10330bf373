using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Catalog;

/// <summary>The few published revisions that were used last, for edges fetch the same ones all at once. For use within one grain's turns.</summary>
internal sealed class RecentRevisions
{
    private const int Most = 4;

    private readonly LinkedList<Revision> _revisions = new();

    /// <summary>The revision, where it is among the last used.</summary>
    public Revision? Find(long number)
    {
        for (var node = _revisions.First; node is not null; node = node.Next)
        {
            if (node.Value.Info.Number == number)
            {
                _revisions.Remove(node);
                _revisions.AddFirst(node);
                return node.Value;
            }
        }

        return null;
    }

    /// <summary>Keeps a published revision, and lets go the one that was not used for longest.</summary>
    public void Add(Revision revision)
    {
        if (Find(revision.Info.Number) is not null)
        {
            return;
        }

        _revisions.AddFirst(revision);
        if (_revisions.Count > Most)
        {
            _revisions.RemoveLast();
        }
    }
}
