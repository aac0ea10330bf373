using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>The few changes that a request's body gets on its way: the provider's model name, usage asked for, a bound on the answer. All other bytes stay as they are.</summary>
internal ref struct BodyEdits
{
    private const int Most = 4;
    private static readonly byte[] True = [.. "true"u8];
    private static readonly byte[] WholeOptions = [.. "\"stream_options\":{\"include_usage\":true},"u8];
    private static readonly byte[] Options = [.. "{\"include_usage\":true}"u8];
    private static readonly byte[] OnlyOption = [.. "\"include_usage\":true"u8];
    private static readonly byte[] FirstOption = [.. "\"include_usage\":true,"u8];
    private readonly ReadOnlySpan<byte> _body;
    private Edits _edits;
    private int _count;

    public BodyEdits(ReadOnlySpan<byte> body) => _body = body;

    /// <summary>Puts the provider's model name; <paramref name="json"/> with its quotes.</summary>
    public void SetModel(in RequestScan scan, ReadOnlyMemory<byte> json)
    {
        if (scan.LacksModel)
        {
            Add(AfterBrace(0), (byte[])[.. "\"model\":"u8, .. json.Span, (byte)',']);
        }
        else if (scan.ModelOfPath.IsEmpty && !scan.Model.In(_body).SequenceEqual(json.Span))
        {
            Add(scan.Model, json);
        }
    }

    /// <summary>Asks for usage in the stream, whatever the caller's options are.</summary>
    public void AskForUsage(in RequestScan scan)
    {
        if (scan.IncludeUsageValue.Length > 0)
        {
            Add(scan.IncludeUsageValue, True);
        }
        else if (scan.StreamOptions.Length == 0)
        {
            Add(AfterBrace(0), WholeOptions);
        }
        else if (scan.StreamOptions.Length == 4 && scan.StreamOptions.In(_body).SequenceEqual("null"u8))
        {
            Add(scan.StreamOptions, Options);
        }
        else
        {
            Add(AfterBrace(scan.StreamOptions.Start), scan.StreamOptionsEmpty ? OnlyOption : FirstOption);
        }
    }

    /// <summary>Bounds the answer where the caller did not. For chat completions by <c>max_tokens</c>, because every compatible provider knows it; those that replaced it still take it or say so.</summary>
    public void BoundAnswer(in RequestScan scan, long tokens)
    {
        if (scan.MaxTokensNull.Length > 0)
        {
            // A second field would leave it to the provider which of the two holds.
            Add(scan.MaxTokensNull, Encoding.ASCII.GetBytes(tokens.ToString(CultureInfo.InvariantCulture)));
        }
        else if (scan.CapHolder.Length > 0)
        {
            var isEmpty = scan.CapHolder.In(_body)[1..].TrimStart(" \t\r\n"u8) is [(byte)'}', ..];
            Add(AfterBrace(scan.CapHolder.Start), Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\"{scan.CapName}\":{tokens}{(isEmpty ? "" : ",")}")));
        }
        else
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"\"{scan.CapName}\":{tokens}");
            Add(AfterBrace(0), Encoding.ASCII.GetBytes(scan.CapHolderName is { } holder ? $"\"{holder}\":{{{field}}}," : $"{field},"));
        }
    }

    /// <summary>Lowers the bound on the answer, under each name that it has; what is lower already stays.</summary>
    public void LowerAnswer(in RequestScan scan, long tokens)
    {
        LowerNumber(scan.MaxTokensNumber, tokens);
        LowerNumber(scan.MaxCompletionTokensNumber, tokens);
    }

    /// <summary>The edited body in a rented buffer, or null where nothing changes.</summary>
    public readonly byte[]? Apply(out int length)
    {
        length = _body.Length;
        if (_count == 0)
        {
            return null;
        }

        var sorted = _edits;
        var edits = Sort(ref sorted);
        foreach (var edit in edits)
        {
            length += edit.Bytes.Length - edit.Place.Length;
        }

        var result = ArrayPool<byte>.Shared.Rent(length);
        var target = result.AsSpan();
        var from = 0;
        foreach (var edit in edits)
        {
            var kept = _body[from..edit.Place.Start];
            kept.CopyTo(target);
            edit.Bytes.Span.CopyTo(target[kept.Length..]);
            target = target[(kept.Length + edit.Bytes.Length)..];
            from = edit.Place.Start + edit.Place.Length;
        }

        _body[from..].CopyTo(target);
        return result;
    }

    /// <summary>The edited body in pieces, most of them of the body itself, which is not copied; null where nothing changes.</summary>
    /// <param name="body">The one that the edits are of.</param>
    public readonly ReadOnlyMemory<byte>[]? Cut(ReadOnlyMemory<byte> body)
    {
        if (_count == 0)
        {
            return null;
        }

        var sorted = _edits;
        var edits = Sort(ref sorted);
        var pieces = new ReadOnlyMemory<byte>[(edits.Length * 2) + 1];
        var from = 0;
        for (var i = 0; i < edits.Length; i++)
        {
            var place = edits[i].Place;
            (pieces[i * 2], pieces[(i * 2) + 1]) = (body[from..place.Start], edits[i].Bytes);
            from = place.Start + place.Length;
        }

        pieces[^1] = body[from..];
        return pieces;
    }

    private readonly Span<Edit> Sort([System.Diagnostics.CodeAnalysis.UnscopedRef] ref Edits all)
    {
        var edits = ((Span<Edit>)all)[.._count];
        edits.Sort(static (a, b) => a.Place.Start.CompareTo(b.Place.Start));
        return edits;
    }

    private void LowerNumber(Part number, long tokens)
    {
        if (number.Length > 0 && long.Parse(number.In(_body), CultureInfo.InvariantCulture) > tokens)
        {
            Add(number, Encoding.ASCII.GetBytes(tokens.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private void Add(Part place, ReadOnlyMemory<byte> bytes) => _edits[_count++] = new Edit(place, bytes);

    private readonly Part AfterBrace(int from) => new(from + _body[from..].IndexOf((byte)'{') + 1, 0);

    private readonly record struct Edit(Part Place, ReadOnlyMemory<byte> Bytes);

    [System.Runtime.CompilerServices.InlineArray(Most)]
    private struct Edits
    {
        private Edit _first;
    }
}
