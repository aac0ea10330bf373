using System.Collections.Concurrent;
using System.Globalization;

namespace Sluice.Tests.Chaos.Network;

/// <summary>Which process a connection on this machine comes from: the one that holds the socket of its port (Linux' <c>/proc</c>).</summary>
internal sealed class SocketOwners
{
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    private readonly ConcurrentDictionary<int, string> _names = new();

    /// <summary>Whether this system tells it.</summary>
    public static bool CanTell => File.Exists(Tables[0]);

    /// <summary>A process by this name runs.</summary>
    public void Add(int process, string name) => _names[process] = name;

    /// <summary>It ended.</summary>
    public void Remove(int process) => _names.TryRemove(process, out _);

    /// <summary>Who connected from a port to a port; null: nobody whose name is known, or who is there no more.</summary>
    public string? Find(int from, int to)
    {
        var socket = Socket(from, to);
        return socket is null ? null : _names.Where(p => Holds(p.Key, socket)).Select(p => p.Value).FirstOrDefault();
    }

    private static bool Holds(int process, string socket)
    {
        try
        {
            return Directory.EnumerateFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd")).Any(file => string.Equals(Target(file), socket, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended.
            return false;
        }
    }

    private static string? Target(string file)
    {
        try
        {
            return new FileInfo(file).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Closed meanwhile.
            return null;
        }
    }

    // Columns: number, local address:port, remote address:port, state, queues, timer, retransmissions, user, timeout, inode.
    private static string? Socket(int from, int to)
    {
        var (local, remote) = (string.Create(CultureInfo.InvariantCulture, $":{from:X4}"), string.Create(CultureInfo.InvariantCulture, $":{to:X4}"));
        return (from table in Tables.Where(File.Exists)
                from line in File.ReadLines(table).Skip(1)
                let columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                where columns.Length > 9 && columns[1].EndsWith(local, StringComparison.Ordinal) && columns[2].EndsWith(remote, StringComparison.Ordinal)
                select $"socket:[{columns[9]}]").FirstOrDefault();
    }
}
