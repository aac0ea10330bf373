using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>Which pages may call a route, ready to be asked.</summary>
public sealed class CompiledCors
{
    private static readonly ImmutableArray<string> Usual = ["GET", "HEAD", "POST"];
    private readonly FrozenSet<string> _exact;
    private readonly ImmutableArray<(string Scheme, string Suffix)> _below;
    private readonly ImmutableArray<string> _methods;
    private readonly FrozenSet<string> _headers;

    public CompiledCors(RouteCors declared, ImmutableArray<string> methods)
    {
        _exact = declared.Origins.Where(o => !o.Contains('*', StringComparison.Ordinal)).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _below = [.. declared.Origins.Where(o => o.Contains("://*.", StringComparison.Ordinal)).Select(o => (o[..(o.IndexOf('*', StringComparison.Ordinal))], o[(o.IndexOf('*', StringComparison.Ordinal) + 1)..]))];
        _methods = !declared.Methods.IsEmpty ? declared.Methods : !methods.IsEmpty ? methods : Usual;
        _headers = declared.Headers.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        AnyOrigin = declared.Origins.Contains("*", StringComparer.Ordinal);
        AnyHeader = declared.Headers.Contains("*", StringComparer.Ordinal);
        Methods = string.Join(", ", _methods);
        Headers = string.Join(", ", declared.Headers);
        Expose = declared.Expose.IsEmpty ? null : string.Join(", ", declared.Expose);
        Credentials = declared.Credentials;
        MaxAge = ((long)declared.MaxAge.TotalSeconds).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Whether pages of every origin may; they are then told <c>*</c>.</summary>
    public bool AnyOrigin { get; }

    /// <summary>Whether pages may send any header; those that are asked for are then told.</summary>
    public bool AnyHeader { get; }

    /// <summary>As told to a preflight.</summary>
    public string Methods { get; }

    /// <summary>As told to a preflight.</summary>
    public string Headers { get; }

    /// <summary>As told with an answer; null: none.</summary>
    public string? Expose { get; }

    /// <summary>Whether browsers send cookies and keys.</summary>
    public bool Credentials { get; }

    /// <summary>In seconds, as told to a preflight.</summary>
    public string MaxAge { get; }

    /// <summary>Whether pages of an origin may call the route.</summary>
    public bool Takes(string origin)
    {
        if (AnyOrigin || _exact.Contains(origin))
        {
            return true;
        }

        foreach (var (scheme, suffix) in _below)
        {
            if (origin.Length > scheme.Length + suffix.Length && origin.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && origin.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a page may use a method and these headers, as a preflight names them.</summary>
    public bool Takes(string method, ReadOnlySpan<char> headers)
    {
        if (!_methods.Contains(method, StringComparer.Ordinal))
        {
            return false;
        }

        var known = _headers.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var range in AnyHeader ? default : headers.Split(','))
        {
            var name = headers[range].Trim();
            if (name.Length > 0 && !known.Contains(name))
            {
                return false;
            }
        }

        return true;
    }
}
