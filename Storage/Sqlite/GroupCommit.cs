using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using WriteWork = Sluice.Storage.Sqlite.WorkQueue<Sluice.Storage.Sqlite.RowWrite, Sluice.Storage.Sqlite.WriteOutcome>.Work;

namespace Sluice.Storage.Sqlite;

/// <summary>Carries out the writes that wait together in one transaction, each under its own compare-and-swap, and answers them after the commit.</summary>
internal sealed class GroupCommit(SqliteConnection connection, TimeSpan busyTimeout) : IDisposable
{
    private readonly RowStatements _statements = new(connection);
    private readonly WriteTurn _turn = new(connection, busyTimeout);

    /// <summary>Carries out and answers every write of the batch. A batch that fails as a whole is carried out one by one, so that a write fails only for itself.</summary>
    public void Run(List<WriteWork> batch)
    {
        var all = CollectionsMarshal.AsSpan(batch);
        if (TryCommit(all) is { } failure)
        {
            for (var i = 0; i < all.Length; i++)
            {
                if ((all.Length == 1 ? failure : TryCommit(all.Slice(i, 1))) is { } own)
                {
                    all[i].Answer.SetException(own);
                }
            }
        }
    }

    public void Dispose() => _statements.Dispose();

    private Exception? TryCommit(ReadOnlySpan<WriteWork> batch)
    {
        var outcomes = new WriteOutcome[batch.Length];
        try
        {
            _turn.Begin();
            for (var i = 0; i < batch.Length; i++)
            {
                outcomes[i] = _statements.Write(batch[i].Request);
            }

            SqliteSchema.Execute(connection, "COMMIT");
        }
        catch (Exception e)
        {
            Rollback();
            return e;
        }

        for (var i = 0; i < batch.Length; i++)
        {
            batch[i].Answer.SetResult(outcomes[i]);
        }

        _turn.Yield();
        return null;
    }

    private void Rollback()
    {
        try
        {
            SqliteSchema.Execute(connection, "ROLLBACK");
        }
        catch (SqliteException)
        {
            // Some failures (a full disk, an I/O error) have rolled back already: then there is no transaction to end.
        }
    }
}
