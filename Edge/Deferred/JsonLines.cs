using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Deferred;

/// <summary>Reads an answer line by line, of which it holds one at a time.</summary>
/// <param name="answer">From where.</param>
/// <param name="deadline">Of each read.</param>
/// <param name="idle">How long a read may take.</param>
/// <param name="longest">The most bytes of a line.</param>
internal sealed class JsonLines(UpstreamAnswer answer, Deadline deadline, TimeSpan idle, int longest) : IDisposable
{
    private const int AtOnce = 64 * 1024;
    private readonly PooledBytes _line = new(AtOnce);
    private readonly byte[] _read = new byte[AtOnce];
    private int _from;
    private int _till;
    private bool _isOver;

    /// <summary>The line, without its end; until the next is read.</summary>
    public ReadOnlyMemory<byte> Line => _line.Memory;

    /// <summary>Whether it has more bytes than are read; then <see cref="Line"/> is its beginning.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Reads the next line; false: there is none.</summary>
    /// <exception cref="IOException">The provider broke off.</exception>
    /// <exception cref="OperationCanceledException">Time ran out, or whoever asked left.</exception>
    public async ValueTask<bool> NextAsync()
    {
        _line.Clear();
        IsTooLong = false;
        while (!_isOver)
        {
            if (_from == _till)
            {
                (_from, _till) = (0, await answer.ReadAsync(_read));
                deadline.In(idle);
                if (_till == 0)
                {
                    _isOver = true;
                    return _line.Length > 0;
                }
            }

            var rest = _read.AsSpan(_from, _till - _from);
            var end = rest.IndexOf((byte)'\n');
            Take(end < 0 ? rest : rest[..end]);
            _from = end < 0 ? _till : _from + end + 1;
            if (end >= 0)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _line.Dispose();

    private void Take(ReadOnlySpan<byte> part)
    {
        var room = Math.Min(part.Length, longest - _line.Length);
        IsTooLong |= room < part.Length;
        _line.Add(part[..room]);
    }
}
