using System.Globalization;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>
/// What a translation leaves out: told to the caller in <c>sluice-warnings</c>, each as <c>field: why</c>. Nothing is left out that is not told here or refused
/// by a <see cref="DialectFaultException"/>.
/// </summary>
internal sealed class Losses
{
    private const int Most = 20;
    private List<string>? _told;
    private int _more;

    /// <summary>The body whose fields are told.</summary>
    public Json Source { get; set; }

    /// <summary>Put before each field: empty for requests.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Whether nothing was left out.</summary>
    public bool IsEmpty => _told is null;

    /// <summary>How many are told.</summary>
    public int Count => _told?.Count ?? 0;

    /// <summary>What is put in <c>sluice-warnings</c>.</summary>
    public override string ToString() => string.Join("; ", _told ?? []) + (_more == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; and {_more} more"));

    /// <summary>Tells a field by the place of its value; nothing where there is no value.</summary>
    public void Add(Json value, string why)
    {
        if (!value.IsNothing)
        {
            Add(JsonPath.Of(Source, value.At) ?? "body", why);
        }
    }

    /// <summary>Tells a field by its name; once, however often it is left out.</summary>
    /// <param name="field">In ASCII.</param>
    /// <param name="why">In ASCII, without a semicolon.</param>
    public void Add(string field, string why)
    {
        var told = $"{Prefix}{field}: {why}";
        if (_told?.Contains(told) is true)
        {
            return;
        }

        if (_told?.Count >= Most)
        {
            _more++;
            return;
        }

        (_told ??= []).Add(told);
    }
}
