using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.CallLog.Bodies;

/// <summary>The beginning of one body, and what its headers say of it.</summary>
internal sealed class BodyPart(int most)
{
    private readonly MemoryStream _begin = new();
    private long _size;
    private string? _type;
    private bool _isEncoded;
    private bool _isDescribed;

    /// <summary>Those that are allowed, <c>name: value</c>.</summary>
    public ImmutableArray<string> Headers { get; private set; } = [];

    /// <summary>Notes what the headers say, once: before the answer's first byte went on, for what compresses it comes later.</summary>
    public void Describe(IHeaderDictionary headers, ImmutableArray<string> allowed)
    {
        if (_isDescribed)
        {
            return;
        }

        (_isDescribed, _type, _isEncoded) = (true, headers.ContentType.ToString(), headers.ContentEncoding.Count > 0);
        Headers = [.. allowed.Where(name => headers[name].Count > 0).Select(name => $"{name}: {headers[name]}")];
    }

    /// <summary>Notes what passes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        _size += bytes.Length;
        _begin.Write(bytes[..(int)Math.Min(bytes.Length, most - _begin.Length)]);
    }

    /// <summary>What is kept of it.</summary>
    public LoggedBody Redact(CompiledBodyLogging rules) => BodyRedaction.Of(_begin.GetBuffer().AsSpan(0, (int)_begin.Length), _size, _type, _isEncoded, rules);
}
