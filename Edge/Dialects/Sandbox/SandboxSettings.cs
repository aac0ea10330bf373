using System.Globalization;
using Sluice.Revisions.Reading;

namespace Sluice.Edge.Dialects.Sandbox;

/// <summary>How the sandbox shall behave: what follows the <c>?</c> of its model's name.</summary>
/// <param name="Tokens">Length of the answer; null: as the request says, else 64.</param>
/// <param name="Delay">Before each token.</param>
/// <param name="Error">The status of an error, or null.</param>
/// <param name="After">With an error: how many tokens of a stream go before it.</param>
internal sealed record SandboxSettings(int? Tokens, TimeSpan Delay, int? Error, int After)
{
    private const string Known = "tokens=0…100000, delay=0ms…60s, error=400…599, after=0…100000";

    /// <summary>Reads a model's name such as <c>sandbox?tokens=500&amp;delay=20ms</c>; null with the reason where it cannot be read.</summary>
    public static SandboxSettings? Read(string model, out string wrong)
    {
        wrong = "";
        var settings = new SandboxSettings(null, TimeSpan.Zero, null, 0);
        var question = model.IndexOf('?', StringComparison.Ordinal);
        if (question < 0)
        {
            return settings;
        }

        foreach (var pair in model[(question + 1)..].Split('&'))
        {
            var parts = pair.Split('=', 2);
            var value = parts.Length == 2 ? parts[1] : "";
            SandboxSettings? next = parts[0] switch
            {
                "tokens" when Number(value, 0, 100_000) is { } tokens => settings with { Tokens = tokens },
                "error" when Number(value, 400, 599) is { } error => settings with { Error = error },
                "after" when Number(value, 0, 100_000) is { } after => settings with { After = after },
                "delay" when (value is "0" or "0ms" || Durations.TryParse(value, out _)) => settings with { Delay = Durations.TryParse(value, out var delay) ? delay : TimeSpan.Zero },
                _ => null,
            };
            if (next is null || next.Delay > TimeSpan.FromMinutes(1))
            {
                wrong = $"The sandbox does not understand '{pair}'. It takes {Known}.";
                return null;
            }

            settings = next;
        }

        return settings;
    }

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null;
}
