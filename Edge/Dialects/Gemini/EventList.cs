using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>
/// Makes one JSON list of a stream's events, each an item in the moment in which it comes, whatever the pieces that it comes in: what Google answers where <c>alt=sse</c> is not asked for. A
/// whole answer becomes the only item. Nothing is held but the begin of a line and comments.
/// </summary>
internal sealed class EventList
{
    private const int LongestComment = 16 * 1024;
    private readonly List<byte> _line = [];
    private bool _isWhole;
    private bool _hasItems;
    private bool _isInItem;
    private bool _isData;
    private bool _awaitsLineFeed;

    /// <summary>Whether anything came.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Whether it is an answer and no stream.</summary>
    public bool IsWhole => _isWhole;

    /// <summary>Takes what came, and writes what it makes of it.</summary>
    public void Take(ReadOnlySpan<byte> came, IBufferWriter<byte> output)
    {
        if (!HasBegun && !came.IsEmpty)
        {
            (HasBegun, _isWhole) = (true, came.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..]);
            output.Write("["u8);
        }

        if (_isWhole)
        {
            output.Write(came);
            return;
        }

        while (!came.IsEmpty)
        {
            var end = came.IndexOfAny((byte)'\r', (byte)'\n');
            TakePiece(end < 0 ? came : came[..end], output);
            if (end < 0)
            {
                return;
            }

            // A line feed after a carriage return belongs to the same line end, also where they came apart.
            var isRest = end == 0 && came[0] == '\n' && _awaitsLineFeed;
            _awaitsLineFeed = came[end] == '\r';
            came = came[(end + 1)..];
            if (!isRest)
            {
                EndLine(output);
            }
        }
    }

    /// <summary>Ends the list, where it has begun.</summary>
    public void End(IBufferWriter<byte> output) => output.Write(HasBegun ? "]"u8 : default);

    private void TakePiece(ReadOnlySpan<byte> piece, IBufferWriter<byte> output)
    {
        _awaitsLineFeed &= piece.IsEmpty;
        if (_isData)
        {
            output.Write(piece);
            return;
        }

        var needed = Math.Clamp("data: ".Length - _line.Count, 0, piece.Length);
        _line.AddRange(piece[..needed]);
        piece = piece[needed..];
        var line = CollectionsMarshal.AsSpan(_line);
        if (line.Length < "data: ".Length)
        {
            return;
        }

        if (!line.StartsWith("data:"u8))
        {
            _line.AddRange(piece[..Math.Min(piece.Length, Math.Max(0, LongestComment - line.Length))]);
            return;
        }

        BeginItem(output);
        output.Write(line[^1] == ' ' ? default : line[^1..]);
        output.Write(piece);
        _isData = true;
    }

    // Several lines of data are one text with line feeds between.
    private void BeginItem(IBufferWriter<byte> output)
    {
        output.Write(_isInItem ? "\n"u8 : _hasItems ? ",\r\n"u8 : default);
        _hasItems = _isInItem = true;
    }

    private void EndLine(IBufferWriter<byte> output)
    {
        var line = CollectionsMarshal.AsSpan(_line);
        if (line.IsEmpty)
        {
            _isInItem = false;
        }
        else if (!_isData && line.StartsWith(": sluice-warnings "u8))
        {
            // A list has no comments, and what an answer lost is told all the same.
            BeginItem(output);
            using var writer = new Utf8JsonWriter(output, JsonText.Options);
            writer.WriteStartObject();
            writer.WriteString("sluiceWarnings"u8, line[": sluice-warnings ".Length..]);
            writer.WriteEndObject();
        }
        else if (!_isData && line[0] == ':')
        {
            // Told to keep the connection: so is a blank.
            output.Write("\n"u8);
        }

        _line.Clear();
        _isData = false;
    }
}
