using Sluice.Edge.Configuration;
using Sluice.Edge.Metering;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Targets;

/// <summary>
/// The attempts of one request for a model that has several targets, or whose provider has several credentials: which target is asked next, and what the answers tell of them. One at a
/// time uses it. It promises: no target that failed this request is asked again by it, at most the model's attempts are made, and what an attempt told is told once.
/// </summary>
internal sealed class Trial(TargetTable table, EdgeRevision revision, CompiledModel model, ulong eligible, ChoiceBasis basis)
{
    private static readonly TimeSpan RefusedCredentialRest = TimeSpan.FromMinutes(1);

    private readonly SeenTargets _seen = table.Of(model, revision);
    private long _begun = table.Time.GetTimestamp();
    private ulong _tried;
    private int _index;
    private TargetState? _target;
    private AttemptCredential _credential;
    private bool _hasTold;
    private bool _isOver;
    private TimeSpan _chosenAt;

    /// <summary>Of the attempt, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Whom it asks.</summary>
    public CompiledTarget Target => model.Targets[_index];

    /// <summary>How the last attempt failed, where another may follow; null: the client was answered.</summary>
    public HeldFailure? Failure { get; private set; }

    /// <summary>The timestamp at which all attempts end.</summary>
    public long EndsAt => _begun + (long)(model.Resource.Timeouts.Whole.TotalSeconds * table.Time.TimestampFrequency);

    /// <summary>Whether the last failure is held back too, and told by whoever asked for that: something else may be given in its place.</summary>
    public bool HoldsLast { get; set; }

    /// <summary>Its place beside another attempt at the same time.</summary>
    public RacePlace Race { get; private init; } = new(isSecond: false);

    /// <summary>A second attempt at the same time, at another target; false: there is none to ask.</summary>
    public Trial Fork() => new(table, revision, model, eligible & ~(_tried | (1UL << _index)), basis) { Number = Number, _begun = _begun, Race = Race.Second(), HoldsLast = HoldsLast };

    /// <summary>The race is over, both attempts have ended: what was tried is tried, and how the winner or the last one failed is how the request did.</summary>
    public void Absorb(Trial second)
    {
        Failure = Race.IsDecided ? (second.Race.HasWon ? second.Failure : Failure) : second.Failure ?? Failure;
        _tried |= second._tried;
        Number = Math.Max(Number, second.Number);
        Race.Leave();
    }

    /// <summary>How long ago a timestamp was.</summary>
    public TimeSpan Since(long timestamp) => table.Time.GetElapsedTime(timestamp);

    /// <summary>Chooses for the next attempt; false: there is none.</summary>
    public bool TryNext()
    {
        if (_isOver || Number >= model.Resource.Attempts || table.Time.GetTimestamp() >= EndsAt)
        {
            return false;
        }

        var now = table.Now;
        var index = Pick(now, claims: true);
        if (index < 0)
        {
            return false;
        }

        (_index, _target, _hasTold, _chosenAt) = (index, _seen.States[index], false, now);
        Number++;
        _seen.Asked[index].Add(now);
        Interlocked.Increment(ref _target.InFlight);
        _credential.Choose(table, revision, Target.Provider, now);
        return true;
    }

    /// <summary>The target cannot be asked this: its attempt was none.</summary>
    public void PassOver()
    {
        _tried |= 1UL << _index;
        TakeBack();
    }

    /// <summary>No more attempts: the one that was chosen is not made.</summary>
    public void GiveUp()
    {
        _isOver = true;
        TakeBack();
    }

    /// <summary>An attempt begins that follows a failed one.</summary>
    public void Follow()
    {
        Failure = null;
        table.CountRetry();
    }

    /// <summary>The credential of the attempt, which is to be shown: counted as used.</summary>
    public string? Credential(ProviderCredentials? credentials) => credentials is null || credentials.Values.IsEmpty ? null : credentials.Use(_credential.Index);

    /// <summary>Nothing was asked yet, and from now on its time counts: it waited for another request.</summary>
    public void BeginLater() => _begun = table.Time.GetTimestamp();

    /// <summary>Whether something can follow the attempt that failed: another one, or what is told in place of its failure.</summary>
    public bool MayGoOn() => HoldsLast || CanFollow();

    private bool CanFollow() => Number < model.Resource.Attempts && table.Time.GetTimestamp() < EndsAt && Pick(table.Now, claims: false) >= 0;

    /// <summary>The same, of an attempt that has not told its failure yet.</summary>
    public bool MayGoOnWithoutThis()
    {
        _tried |= 1UL << _index;
        return MayGoOn();
    }

    /// <summary>Keeps back what the provider said, for another attempt may follow.</summary>
    public void Hold(byte[] body, in Settlement settlement) => Failure = new HeldFailure(null, body, settlement);

    /// <summary>Keeps back how the attempt failed, where another can follow it.</summary>
    public bool TryHold(ClientError error, in Settlement settlement)
    {
        if (!Race.RunsBeside() && !MayGoOn())
        {
            return false;
        }

        Failure = new HeldFailure(error, null, settlement);
        return true;
    }

    /// <summary>The provider's answer began, and is no failure.</summary>
    public void Answered(UpstreamAnswer answer, TimeSpan took, bool isStream)
    {
        if (!TryTell())
        {
            return;
        }

        var now = table.Now;
        _target!.Health.Succeeded(now);
        if (answer.IsSuccess)
        {
            (isStream ? _target.FirstToken : _target.WholeAnswer).Add(took, now);
        }

        ReadRates(answer, now);
    }

    /// <summary>The provider's answer is a failure that another attempt may mend.</summary>
    public void Refused(UpstreamAnswer answer)
    {
        var now = table.Now;
        if (!TryTell())
        {
            _tried |= 1UL << _index;
            return;
        }

        var wait = ProviderRates.RetryAfter(answer, table.Time.GetUtcNow());
        ReadRates(answer, now);
        if (answer.Status == 429)
        {
            // It says nothing of its health: after its rest another one may probe.
            _target!.Health.ToldNothing();
        }

        if (answer.Status is 429 or 401 && _credential.State is not null)
        {
            RestCredential(answer.Status == 401 ? RefusedCredentialRest : ProviderRates.RestOf(wait), now);
            return;
        }

        _tried |= 1UL << _index;
        if (answer.Status != 429)
        {
            _target!.Health.Failed(now);
        }

        if (answer.Status == 429 || wait is not null)
        {
            _target!.Health.Rest(now + ProviderRates.RestOf(wait));
        }
    }

    /// <summary>The body of a refusal that was told tells after which time it may be asked again.</summary>
    public void RestFor(int status, TimeSpan wait)
    {
        if (status == 429 && _credential.State is not null)
        {
            RestCredential(ProviderRates.RestOf(wait), table.Now);
        }
        else
        {
            _target?.Health.Rest(table.Now + ProviderRates.RestOf(wait));
        }
    }

    /// <summary>The provider could not be reached, broke off, or took too long.</summary>
    public void Broke()
    {
        _tried |= 1UL << _index;
        if (TryTell())
        {
            _target!.Health.Failed(table.Now);
        }
    }

    /// <summary>The account whose key the credential is was given no access: nothing was sent, and other credentials may do.</summary>
    public void HadNoAccess()
    {
        if (_credential.State is null)
        {
            Broke();
        }
        else if (TryTell())
        {
            _target!.Health.ToldNothing();
            RestCredential(RefusedCredentialRest, table.Now);
        }
    }

    /// <summary>The attempt has ended. Where it told nothing, for its client left, somebody else may probe.</summary>
    public void End()
    {
        if (_target is null)
        {
            return;
        }

        if (!_hasTold)
        {
            _target.Health.ToldNothing();
        }

        if (Race.IsLost)
        {
            // It would have taken longer than this.
            (basis.IsStream ? _target.FirstToken : _target.WholeAnswer).Add(table.Now - _chosenAt, table.Now);
        }

        Interlocked.Decrement(ref _target.InFlight);
        _credential.End();
        _target = null;
    }

    private void TakeBack()
    {
        Number--;
        _seen.Asked[_index].TakeBack(_chosenAt);
        End();
    }

    private bool TryTell() => _target is not null && !_hasTold && (_hasTold = true);

    private void ReadRates(UpstreamAnswer answer, TimeSpan now)
    {
        var watches = model.Resource.Strategy is TargetStrategy.LeastUsed;
        var ofCredential = _credential.State is not null && Target.Provider.Rotation is CredentialRotation.LeastUsed;
        if ((watches || ofCredential) && ProviderRates.Read(answer, table.Time.GetUtcNow()) is { } told)
        {
            _target!.Headroom.Tell(told.Share, now + told.Resets, now);
            _credential.State?.Headroom.Tell(told.Share, now + told.Resets, now);
        }
    }

    // Where all of them rest, so does the target.
    private void RestCredential(TimeSpan rest, TimeSpan now)
    {
        if (_credential.Rest(now + rest, now) is { } soonest)
        {
            _target!.Health.Rest(soonest);
            _tried |= 1UL << _index;
        }
    }

    private int Pick(TimeSpan now, bool claims) => TargetPick.Pick(model, _seen.States, eligible & ~_tried, basis with { Now = now }, Number == 0, claims);
}
