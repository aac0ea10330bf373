using System.Globalization;

namespace Sluice.Tests.Chaos.Accounts;

/// <summary>A tenant with a hard budget of its own, and what the provider billed it.</summary>
/// <param name="tenant">Its name, and the budget's.</param>
/// <param name="unit">What the budget counts: <c>tokens</c>, <c>requests</c> or <c>money</c>.</param>
/// <param name="amount">At first; in the unit, of money in 10⁻⁹ US dollar.</param>
internal sealed class Account(string tenant, string unit, long amount)
{
    /// <summary>What clients ask for.</summary>
    public const string Model = "billed";

    /// <summary>In 10⁻⁹ US dollar a token.</summary>
    public const int InputPrice = 1_000;

    /// <summary>In 10⁻⁹ US dollar a token.</summary>
    public const int OutputPrice = 4_000;

    private const long Billion = 1_000_000_000;
    private readonly Dictionary<string, (int Times, int Input, int Output)> _calls = new(StringComparer.Ordinal);
    private long _mostAllowed = amount;

    public string Tenant => tenant;

    /// <summary>The most that its budget ever was: it counts from before it is asked for.</summary>
    public long MostAllowed => Volatile.Read(ref _mostAllowed);

    /// <summary>Entries of the bill.</summary>
    public long Requests { get; private set; }

    /// <summary>Billed input.</summary>
    public long InputTokens { get; private set; }

    /// <summary>Billed output.</summary>
    public long OutputTokens { get; private set; }

    /// <summary>Billed, in the budget's unit.</summary>
    public long Spent => InUnit(Requests, InputTokens, OutputTokens);

    /// <summary>The budget as it is now, as YAML.</summary>
    public string Budget => string.Create(CultureInfo.InvariantCulture, $$"""
        kind: Budget
        name: {{tenant}}
        subject: tenant/{{tenant}}
        amount: { {{unit}}: {{(unit is "money" ? $"\"{(decimal)MostAllowed / Billion} USD\"" : MostAllowed)}} }
        window: { every: lifetime }
        """);

    /// <summary>Three that end soon, and one that does not.</summary>
    public static IEnumerable<Account> All() =>
    [
        new("by-tokens", "tokens", 20_000),
        new("by-requests", "requests", 300),
        new("by-money", "money", 60_000_000),
        new("by-much", "tokens", 100_000_000),
    ];

    /// <summary>The bill's entries by the client's number of the call.</summary>
    public IReadOnlyDictionary<string, (int Times, int Input, int Output)> Calls => _calls;

    /// <summary>An entry. Under the witness's gate.</summary>
    public void Bill(string call, int input, int output)
    {
        (Requests, InputTokens, OutputTokens) = (Requests + 1, InputTokens + input, OutputTokens + output);
        var before = _calls.GetValueOrDefault(call);
        _calls[call] = (before.Times + 1, before.Input + input, before.Output + output);
    }

    /// <summary>So much in the budget's unit.</summary>
    public long InUnit(long requests, long input, long output) => unit switch
    {
        "tokens" => input + output,
        "money" => (input * InputPrice) + (output * OutputPrice),
        _ => requests,
    };

    /// <summary>The budget is about to be raised by half.</summary>
    public void Raise() => Volatile.Write(ref _mostAllowed, _mostAllowed + (_mostAllowed / 2));
}
