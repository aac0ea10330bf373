using System.Collections.Immutable;
using System.Text.RegularExpressions;
using ValueMatch = Sluice.Revisions.Resources.ValueMatch;

namespace Sluice.Revisions.Compiled;

/// <summary>What a route asks of a header or query parameter, ready to be tried.</summary>
public sealed class ValueTest
{
    private const int LongestTried = 4096;
    private static readonly TimeSpan Bound = TimeSpan.FromMilliseconds(50);
    private readonly ValueMatch _declared;
    private readonly Regex? _regex;

    public ValueTest(ValueMatch declared)
    {
        _declared = declared;
        _regex = declared.Regex is { } pattern ? Compile(pattern) : null;
        Asked = declared switch
        {
            { Absent: true } => ["absent"],
            { Prefix: { } prefix } => [$"a text that begins with '{prefix}'"],
            { Regex: { } text } => [$"a text that matches '{text}'"],
            _ => declared.Values,
        };
    }

    /// <summary>Of the header or parameter.</summary>
    public string Name => _declared.Name;

    /// <summary>What is asked for, for people; empty: any value.</summary>
    public ImmutableArray<string> Asked { get; }

    /// <summary>Whether there must be none.</summary>
    public bool IsAbsence => _declared.Absent;

    /// <summary>Whether a value is one of those that are asked for.</summary>
    public bool Takes(string value)
    {
        if (_declared is { Prefix: null, Absent: false } && _regex is null)
        {
            return _declared.Values.IsEmpty || _declared.Values.Contains(value, StringComparer.Ordinal);
        }

        return _regex is not null ? IsMatch(_regex, value) : _declared.Prefix is { } prefix && value.StartsWith(prefix, StringComparison.Ordinal);
    }

    /// <summary>An expression that must match a value whole; its time grows with the value's length alone, whatever it is.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    /// <exception cref="NotSupportedException">It looks around or back, or is too large.</exception>
    internal static Regex Compile(string pattern)
    {
        const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
        _ = new Regex(pattern, Options, Bound);
        return new Regex($@"\A(?:{pattern})\z", Options, Bound);
    }

    private static bool IsMatch(Regex regex, string value)
    {
        try
        {
            return value.Length <= LongestTried && regex.IsMatch(value);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
