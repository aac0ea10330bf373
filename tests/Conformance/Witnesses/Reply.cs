using System.Text;

namespace Sluice.Tests.Conformance.Witnesses;

/// <summary>What a witness answers, in no dialect: chosen by words that stand in what it was sent, in whatever dialect that is.</summary>
internal sealed record Reply(string[] Pieces, string? Reasoning = null, string[]? Cities = null, bool Fails = false, bool Stalls = false)
{
    // The begin of the picture that the clients send.
    private const string Picture = "iVBORw0KGgo";

    /// <summary>What is said at once.</summary>
    public string Text => string.Concat(Pieces);

    /// <summary>Reads what was asked for.</summary>
    public static Reply To(byte[] request)
    {
        var body = Encoding.UTF8.GetString(request);
        return Has("case:fail") ? new Reply([], Fails: true)
            : Has("case:slow") ? new Reply(["Wait"], Stalls: true)
            : Has("result-21") ? new Reply([Has("result-22") ? "It is 21 and 22" : "It is 21"])
            : Has("case:parallel") ? new Reply([], Cities: Has("get_weather") ? ["Graz", "Linz"] : [])
            : Has("case:tool") ? new Reply([], Cities: Has("get_weather") ? ["Graz"] : [])
            : Has("case:reason") ? new Reply(["So it is"], "Let me think")
            : Has("case:image") ? new Reply([Has(Picture) ? "I see it" : "I see nothing"])
            : Has("case:schema") ? new Reply([Has("zipmark") ? """{"zipmark":"8010"}""" : "no schema"])
            : new Reply(["Hello", " there"]);

        bool Has(string word) => body.Contains(word, StringComparison.Ordinal);
    }
}
