using System.Collections.Immutable;
using Orleans;

namespace Sluice.Tests.Storage;

/// <summary>A state with what states of ours are made of.</summary>
[GenerateSerializer]
public sealed record Note(
    [property: Id(0)] string Text, [property: Id(1)] long Number, [property: Id(2)] ImmutableArray<Line> Lines, [property: Id(3)] DayOfWeek? Day)
{
    /// <summary>A note of one line.</summary>
    public static Note Of(long number) => new($"note {number}", number, [new Line("a", TimeSpan.FromSeconds(number))], DayOfWeek.Friday);

    public bool Equals(Note? other) =>
        other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal) && Number == other.Number && Day == other.Day && Lines.SequenceEqual(other.Lines);

    public override int GetHashCode() => HashCode.Combine(StringComparer.Ordinal.GetHashCode(Text), Number);
}

/// <summary>A record inside a state.</summary>
[GenerateSerializer]
public sealed record Line([property: Id(0)] string Name, [property: Id(1)] TimeSpan Took);
