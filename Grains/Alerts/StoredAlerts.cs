using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Alerts;

namespace Sluice.Grains.Alerts;

/// <summary>What an alert comes to for one group.</summary>
/// <param name="Alert">Its name.</param>
/// <param name="About">The group.</param>
/// <param name="Value">Null: there was too little to tell.</param>
/// <param name="Holds">Whether the condition holds.</param>
/// <param name="For">For how long it has to.</param>
internal sealed record Judged(string Alert, string About, AlertSeverity Severity, string Summary, string Condition, double? Value, bool Holds, TimeSpan For)
{
    /// <summary>What tells it apart.</summary>
    public (string, string) Key => (Alert, About);
}

/// <summary>What is stored of alerts: what fires, what is silenced, what began and ended of late, and what of that is still to be told. Plain rules, no clock.</summary>
/// <param name="Number">Of the last transition.</param>
/// <param name="Firing">The transitions by which those that fire began to.</param>
/// <param name="History">Oldest first, at most <see cref="MostHistory"/>.</param>
/// <param name="Untold">Those that nobody may have been told of.</param>
internal sealed record StoredAlerts(
    long Number, ImmutableArray<AlertTransition> Firing, ImmutableArray<AlertTransition> History, ImmutableArray<AlertTransition> Untold, ImmutableArray<AlertSilence> Silences)
{
    /// <summary>So many begins and ends are kept.</summary>
    public const int MostHistory = 500;

    /// <summary>So many silences hold at once.</summary>
    public const int MostSilences = 100;

    public StoredAlerts()
        : this(0, [], [], [], [])
    {
    }

    /// <summary>Whether nobody is to be told of it.</summary>
    public bool IsSilenced(string alert, string about, DateTimeOffset now) => Silences.Any(s =>
        s.Until > now && string.Equals(s.Alert, alert, StringComparison.Ordinal) && (s.About is null || string.Equals(s.About, about, StringComparison.Ordinal)));

    /// <summary>One that fires.</summary>
    public AlertTransition? Find(string alert, string about) => Firing.FirstOrDefault(f => string.Equals(f.Alert, alert, StringComparison.Ordinal) && string.Equals(f.About, about, StringComparison.Ordinal));

    /// <summary>After all alerts were judged; the same object where nothing began or ended.</summary>
    /// <param name="judged">All of them.</param>
    /// <param name="pending">Since when conditions hold; changed.</param>
    /// <param name="mayEnd">Whether an alert may end for want of what it is judged by: not while it is still to be told.</param>
    /// <param name="now">The time.</param>
    public StoredAlerts Next(IReadOnlyList<Judged> judged, Dictionary<(string, string), DateTimeOffset> pending, Func<string, bool> mayEnd, DateTimeOffset now)
    {
        var next = this;
        foreach (var one in judged)
        {
            if (!one.Holds)
            {
                pending.Remove(one.Key);
                continue;
            }

            pending.TryAdd(one.Key, now);
            if (now - pending[one.Key] >= one.For && Find(one.Alert, one.About) is null)
            {
                next = next.With(new AlertTransition(
                    next.Number + 1, one.Alert, one.About, AlertPhase.Firing, one.Severity, one.Summary, one.Condition, one.Value, now, pending[one.Key], IsSilenced(one.Alert, one.About, now)), begins: true);
            }
        }

        foreach (var gone in pending.Keys.Except(judged.Where(j => j.Holds).Select(j => j.Key)).ToArray())
        {
            pending.Remove(gone);
        }

        foreach (var firing in Firing)
        {
            var one = judged.FirstOrDefault(j => string.Equals(j.Alert, firing.Alert, StringComparison.Ordinal) && string.Equals(j.About, firing.About, StringComparison.Ordinal));
            if (one is { Holds: true } || !mayEnd(firing.Alert))
            {
                continue;
            }

            next = next.With(firing with { Number = next.Number + 1, Phase = AlertPhase.Resolved, Value = one?.Value, At = now, Since = firing.Since, IsSilenced = IsSilenced(firing.Alert, firing.About, now) }, begins: false);
        }

        return next;
    }

    /// <summary>Without what was told.</summary>
    public StoredAlerts Told(long number) => this with { Untold = Untold.RemoveAll(t => t.Number <= number) };

    /// <summary>With a silence; the same object where there are as many as are kept.</summary>
    public StoredAlerts With(AlertSilence silence, DateTimeOffset now)
    {
        var holding = Silences.RemoveAll(s => s.Until <= now);
        return holding.Length >= MostSilences ? this : this with { Silences = holding.Add(silence) };
    }

    private StoredAlerts With(AlertTransition transition, bool begins) => this with
    {
        Number = transition.Number,
        Firing = begins ? Firing.Add(transition) : Firing.RemoveAll(f => string.Equals(f.Alert, transition.Alert, StringComparison.Ordinal) && string.Equals(f.About, transition.About, StringComparison.Ordinal)),
        History = [.. History.Append(transition).TakeLast(MostHistory)],
        Untold = [.. Untold.Append(transition).TakeLast(MostHistory)],
    };
}
