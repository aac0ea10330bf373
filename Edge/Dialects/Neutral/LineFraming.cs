using System.Buffers;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>A stream of one JSON object a line, as events.</summary>
internal sealed class LineFraming : StreamFraming
{
    private readonly ArrayBufferWriter<byte> _events = new(1024);
    private bool _isAmidLine;

    public override ReadOnlySpan<byte> Take(ReadOnlySpan<byte> came)
    {
        _events.ResetWrittenCount();
        while (!came.IsEmpty)
        {
            var end = came.IndexOf((byte)'\n');
            var line = end < 0 ? came : came[..end];
            if (!_isAmidLine && !line.IsEmpty)
            {
                _events.Write("data: "u8);
                _isAmidLine = true;
            }

            _events.Write(line);
            if (end >= 0 && _isAmidLine)
            {
                _events.Write("\n\n"u8);
                _isAmidLine = false;
            }

            came = end < 0 ? default : came[(end + 1)..];
        }

        return _events.WrittenSpan;
    }
}
