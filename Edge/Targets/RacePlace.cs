namespace Sluice.Edge.Targets;

/// <summary>The place of an attempt in a race of two at the same time; while there is none, it stands alone. For one attempt's use.</summary>
/// <param name="isSecond">Whether it is the one that joins.</param>
internal sealed class RacePlace(bool isSecond)
{
    private Race? _race;

    /// <summary>Whether it answers the client.</summary>
    public bool HasWon { get; private set; }

    /// <summary>Whether one of the two answers the client.</summary>
    public bool IsDecided => _race is { IsWon: true };

    /// <summary>Whether another attempt at the same time answers the client in its place.</summary>
    public bool IsLost => !HasWon && IsDecided;

    /// <summary>Whether another attempt runs beside it, or may join it.</summary>
    public bool IsRacing => _race is not null && !HasWon;

    /// <summary>Whether it may say nothing to the client by itself: it is the second of two at the same time, and has not won.</summary>
    public bool IsSilent => isSecond && !HasWon;

    /// <summary>Cancelled when the attempt is to end: the client left, or another one answers.</summary>
    public CancellationToken Aborted(CancellationToken client) => _race?.TokenOf(isSecond) ?? client;

    /// <summary>Begins a race.</summary>
    public void Enter(Race race) => _race = race;

    /// <summary>The race is over.</summary>
    public void Leave() => (_race, HasWon) = (null, false);

    /// <summary>The place of one that may join.</summary>
    public RacePlace Second() => new(isSecond: true) { _race = _race };

    /// <summary>Takes the right to write to the client; false: the attempt that runs beside it has it.</summary>
    public bool TryWin() => HasWon || _race is null || (HasWon = _race.TryWin(isSecond));

    /// <summary>Whether another attempt runs beside it, which may yet answer; else none joins it any more, and it may write to the client.</summary>
    public bool RunsBeside()
    {
        HasWon |= !isSecond && _race?.TryEndAlone() is true;
        return IsRacing;
    }
}
